/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One run of the perturbed level: a target process on real threads, watched until it ends or hangs,
 * and judged. What came of it lies on an ordinary board afterwards, as a campaign of one schedule,
 * so that gathering, telling and writing failure files are the same as for the engine.
 */
#ifndef JOSTLE_TOOL_PERTURB_RUN_H
#define JOSTLE_TOOL_PERTURB_RUN_H

#include "campaign/campaign.h"
#include "perturb/perturb.h"
#include "perturb/perturb_watch.h"

struct perturb_run;

/* Another detector that the program runs below. Its functions are called by one thread. */
struct perturb_wrapper {
	void *context;
	unsigned patience; /* so many times the limit until it is known what a run takes below it */
	unsigned sleepers; /* threads of its own in each process, which sleep most of the time */
	/* Before a run: names in launch what is executed instead of the target, and changes the
	 * environment, which has room for one entry more. Returns 0 or an exit code, the reason
	 * having been said. */
	int (*start)(void *context, struct perturb_run *run, struct launch *launch);
	/* The run has ended and been judged: adds what the detector found, perturb_run_add().
	 * Returns NULL or, when the program was not run, why; valid until the next call. */
	const char *(*ended)(void *context, struct perturb_run *run);
};

struct perturb_run {
	struct perturb perturb;
	struct slot slot;       /* its board is filled by perturb_run_judge() */
	struct process process; /* pid 0: none */
	struct watch watch;
	const struct perturb_wrapper *wrapper; /* NULL: the program runs natively */
	enum watch_verdict hung;               /* ended by us, for this reason */
	uint64_t number;
	uint64_t started_ns;
	uint64_t loaded_ns; /* of the perturb board: when the program was there, below its detector
			     */
};

/* Returns 0 or EXIT_USAGE, the reason having been said. perturb_run_close() in either case. */
int perturb_run_open(struct perturb_run *run);
void perturb_run_close(struct perturb_run *run);

/* guide: the order of a run that is run again, or NULL. Returns 0 or EXIT_USAGE, the reason having
 * been said. */
int perturb_run_start(struct perturb_run *run, struct launch *launch, uint64_t number,
		      const struct perturb_config *config, const struct perturb_guide *guide);

/* To be called often: ends a run that hangs. True when it did so just now. */
bool perturb_run_watch(struct perturb_run *run, const struct plan *plan,
		       const struct perturb_learned *learned);

/* The process has ended: reaps it, fills the slot's board, and teaches `learned` unless NULL. */
void perturb_run_judge(struct perturb_run *run, const struct plan *plan,
		       struct perturb_learned *learned);

/* One more finding of the run that was judged, its key included. */
void perturb_run_add(struct perturb_run *run, const struct finding *finding);

#endif
