/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Confirmation of races: after a campaign each race that it found is steered at (sched/steer.c),
 * once for each order of its two accesses, in a small campaign of its own. That shows whether the
 * accesses can really be made at once, and what each order leads to: nothing else, a failed
 * assertion, a crash, a deadlock. Each result is replayed in a fresh process, as findings are, and
 * gets a failure file.
 *
 * The schedules have numbers above those of the campaign, so their seeds are no other's.
 */
#ifndef JOSTLE_TOOL_CONFIRM_H
#define JOSTLE_TOOL_CONFIRM_H

#include "campaign/verify.h"
#include "jostle/explore.h"

#define CONFIRM_RACES_MAX 16 /* of one run; the others are not steered at */

struct confirm {
	const struct exploration *exploration;
	struct report *report;
	struct launch *launch;
	uint64_t schedules;   /* for each order; 0: none */
	uint64_t next_batch;  /* the next campaign's first */
	uint64_t deadline_ns; /* by clock_now_ns(); UINT64_MAX: none */
	size_t races;         /* steered at until now */
	struct found *extra;  /* what only steering showed, each once; owned */
	size_t extra_count;
};

void confirm_begin(struct confirm *confirm, const struct exploration *exploration,
		   struct report *report, struct launch *launch);

/*
 * Steers at the race that story tells. result and verifier's board are of the replay that showed
 * it; the board is used for other replays afterwards. Returns 0 or EXIT_USAGE when a failure file
 * could not be written, the reason having been said.
 */
int confirm_race(struct confirm *confirm, struct verifier *verifier, struct story *story,
		 const struct verification *result);

/* Afterwards: the results name the run's findings that are the same. */
void confirm_link(struct confirm *confirm);
void confirm_end(struct confirm *confirm);

#endif
