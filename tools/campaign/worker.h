/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One worker of a campaign: a share of the schedules, worked off by one target after another. A
 * target that dies or hangs is replaced, and the schedule that did it is remembered, so that the
 * next one records it and steps over it.
 */
#ifndef JOSTLE_TOOL_WORKER_H
#define JOSTLE_TOOL_WORKER_H

#include <stdbool.h>
#include <stdint.h>

#include "campaign/process.h"
#include "campaign/slot.h"

/* How a target ended, from the board and its exit status. */
enum worker_end {
	WORKER_DONE,     /* all its schedules were run, or it was stopped */
	WORKER_DIED,     /* in schedule worker->death.schedule */
	WORKER_LOST,     /* between two schedules: nobody to blame */
	WORKER_REFUSED,  /* status.refusal, or never taken over */
	WORKER_FALLBACK, /* status.refusal: another reset is needed */
	WORKER_SPOILED,  /* it wrote over the board: nothing there is to be believed */
};

struct worker {
	uint32_t index;
	struct slot slot;
	struct board_config given;   /* as the target got it: nobody but us may write there */
	struct process process;      /* pid 0: none */
	char folder[BOARD_PATH_MAX]; /* for --workdir; "" none */
	int folder_lock;
	/* The watchdog's memory: the last sign of life, and the time used until then. */
	uint64_t seen_steps, seen_schedule, seen_batch, seen_committed;
	uint32_t seen_state, seen_choices;
	uint64_t looked_at_ns, still_ns, seen_cpu_ns;
	bool cpu_known;
	bool hung; /* killed by the watchdog */
	/* What the next target must know. */
	uint64_t first_batch;
	uint64_t exec_schedule; /* RESET_EXEC: the one it runs */
	struct board_death deaths[BOARD_DEATHS_MAX];
	uint32_t death_count;
	bool started;      /* the slot holds what earlier targets of this share left */
	bool record_death; /* the newest death is not yet recorded */
	struct board_death newest;
	unsigned strikes; /* targets lost in a row without a new death or commit */
};

int worker_open(struct worker *worker, uint32_t index);
void worker_close(struct worker *worker);

/* With --workdir: makes the folder if there is none yet and names it in the slot's configuration.
 * Returns as worker_open(). */
int worker_configure_folder(struct worker *worker);

/* Copies deaths into a configuration. */
void worker_configure_deaths(const struct worker *worker, struct board_config *config);

/* Schedules that hung, or that ended their process otherwise, each once. */
uint32_t workers_deaths(const struct worker *workers, uint32_t count, bool hangs);

/* The last schedule of the interrupted batch that has to be recorded. */
uint64_t worker_last_death(const struct worker *worker);

/* The target was just started. */
void worker_started(struct worker *worker, uint64_t now_ns);

/* No sign of life for limit_ns of processor time, or twice that of time: true. */
bool worker_is_stuck(struct worker *worker, uint64_t now_ns, uint64_t limit_ns);

/*
 * They were told since_ns ago to stop, and a schedule still gets on, as one may for ever with much
 * to compute between its steps. What hangs, or has a death to record, is waited for.
 */
bool workers_are_overdue(const struct worker *workers, uint32_t count, uint64_t since_ns,
			 uint64_t limit_ns);

/* Takes the ended target's status and says what it means; a death is remembered. */
enum worker_end worker_ended(struct worker *worker);

uint64_t clock_now_ns(void);

#endif
