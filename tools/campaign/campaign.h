/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A campaign: many schedules of one program, on one or more workers. It ends when its budget is
 * used, at the first finding if that was asked for, or when somebody interrupts it; then everything
 * that the boards say has been gathered and no target is left.
 *
 * A reset that proves unsafe is replaced by the next slower one and the campaign starts again from
 * its first schedule: a result is always that of one reset, and does not depend on which worker
 * noticed first.
 */
#ifndef JOSTLE_TOOL_CAMPAIGN_H
#define JOSTLE_TOOL_CAMPAIGN_H

#include <stdbool.h>
#include <stdint.h>

#include "campaign/gather.h"
#include "campaign/process.h"
#include "campaign/worker.h"

/* The level as reports and failure files name it. */
#define LEVEL_NAME_CONTROLLED   "controlled"
#define LEVEL_NAME_INSTRUMENTED "instrumented"
#define LEVEL_NAME_PERTURBED    "perturbed"
#define MEMORY_MODEL_C11        "c11"
#define MEMORY_MODEL_SC         "sc"

/* What to do: fixed for a campaign. */
struct plan {
	uint64_t schedules; /* BOARD_NO_SCHEDULE: until the time is over */
	uint64_t time_ns;   /* UINT64_MAX: until the schedules were run */
	uint64_t seed;
	uint64_t memory_limit;
	uint64_t hang_timeout_ns;
	uint32_t jobs;
	uint32_t reset; /* enum board_reset */
	uint32_t step_bound;
	uint32_t threads_limit;
	uint32_t verify_every;
	uint32_t until_first; /* as in the board: 0, or 1 + least severity */
	uint32_t spurious;
	bool ignore_accesses; /* of an instrumented program */
	bool sequential;      /* its atomic loads read the latest store */
	bool with;            /* the program is jostle-with: with.h */
	int32_t expect_exit;
	const char *strategy;
	const char *workdir; /* absolute, or NULL */
	/* A campaign that goes on where another one ended: its first batch, and what was learned.
	 * points are places as board.points, not owned. */
	uint64_t first_batch;
	uint32_t learned_steps_max, learned_threads_max;
	const uint64_t *points;
	size_t point_count;
	uint64_t steer[2]; /* as board_config.steer */
	bool perturbed;    /* on real threads: perturb_campaign.h */
	bool progress;     /* a line on standard error while it runs */
};

enum campaign_ending {
	ENDED_SCHEDULES, /* all were run */
	ENDED_TIME,
	ENDED_FIRST, /* until_first */
	ENDED_INTERRUPTED,
	ENDED_HANGS,   /* too many schedules hang to go on */
	ENDED_DEATHS,  /* targets die again and again */
	ENDED_REFUSED, /* refusal says why; nothing was controlled */
	ENDED_FAILED,  /* a target could not be started; it was said */
};

struct campaign {
	struct plan plan;
	struct launch *launch;
	struct gather gather;
	enum campaign_ending ending;
	double seconds;
	char refusal[1200];
	char fallback[512]; /* why a slower reset is in use; "" */
	uint32_t common;    /* enum board_common: why there was but one worker; 0: not for that */
	char differs[512];  /* where a schedule left its first way when it was run again; "" */
};

/* Always fills campaign; campaign_fini() afterwards. Needs interrupt_init(). */
void campaign_run(struct campaign *campaign, const struct plan *plan, struct launch *launch);
void campaign_fini(struct campaign *campaign);

/* The configuration that each target of a plan gets; the caller adds what differs. */
void plan_configure(const struct plan *plan, struct board_config *config);

/* RESET_EXEC: at these schedules what those before have learned is handed to all after, as the
 * engine itself does it with the other resets (points_settle()). Nobody may run meanwhile. */
bool plan_learns_before(const struct plan *plan, uint64_t schedule);

/* Has a target found what the plan ends with (until_first)? */
bool plan_is_done(const struct plan *plan, const struct board *board);

const char *reset_name(uint32_t reset);

/* Runs the worker's one started target to its end, with the watchdog. False: interrupted, and the
 * target was killed. */
bool worker_run_to_end(struct worker *worker, uint64_t hang_timeout_ns, enum worker_end *end);

#endif
