/* SPDX-License-Identifier: Apache-2.0 */
/*
 * No finding is reported until it was replayed in a fresh process: a reset that leaks shows
 * findings that the program does not have, sometimes only after thousands of schedules. What does
 * not show again is dropped, counted, and the report says so.
 */
#ifndef JOSTLE_TOOL_VERIFY_H
#define JOSTLE_TOOL_VERIFY_H

#include "campaign/campaign.h"
#include "campaign/gather.h"
#include "campaign/worker.h"

enum verdict {
	VERDICT_EXACT,   /* the same finding with the same events */
	VERDICT_INEXACT, /* the same finding in shown of runs replays, or with other events */
	VERDICT_NOT_SHOWN,
	VERDICT_INTERRUPTED,
	VERDICT_FAILED, /* the target could not be started or was refused; it was said */
};

struct verification {
	enum verdict verdict;
	unsigned shown, runs;
	bool on_board;          /* the last replay showed it: the board is about it */
	struct finding finding; /* as the last replay that showed it saw it: with the addresses of
				   that process */
	uint64_t event_hash;    /* of the last replay; 0: its process could not say */
	uint32_t diverged;      /* first step that differed, UINT32_MAX: none */
	uint32_t elsewise;      /* VERDICT_NOT_SHOWN: how many other findings the replay had */
};

/* One slot for replaying one schedule after the other. */
struct verifier {
	struct worker worker;
	struct launch *launch;
	const struct plan *plan;
	uint32_t learned_steps_max, learned_threads_max;
	/* Whose stacks the next replay shall copy. */
	struct board_access accesses[BOARD_ACCESSES_MAX];
	uint32_t access_count;
	uint32_t steps[BOARD_DUMP_STEPS_MAX];
	uint32_t step_count;
	bool rebuilt; /* the program is not the one that was explored: places, and so keys, differ
		       */
};

/* Returns 0 or EXIT_USAGE, the reason having been said. */
int verifier_open(struct verifier *verifier, struct launch *launch, const struct plan *plan,
		  const struct gather *gather);
void verifier_close(struct verifier *verifier);

/* Configures the slot for replaying, without starting; verify() does it by itself. */
void verifier_prepare(struct verifier *verifier, const struct found *found);

/*
 * Replays once, or several times when a timer preemption or an uncontrolled input took part; once
 * more for the stacks of memory accesses, which are named by addresses of that process, and of
 * calls that a library made for the program. Afterwards the board holds the last replay that showed
 * it: event log, stacks, modules.
 */
struct verification verify(struct verifier *verifier, const struct found *found);

#endif
