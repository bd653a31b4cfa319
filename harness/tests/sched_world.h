/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A world of a few hundred lines in which strategies are tested: threads are scripts, locks have
 * owners, flags are set and polled, time moves. It asks the strategy exactly as the engine does: a
 * chosen thread that cannot act is blocked and the question repeated in the same step; a question
 * with one answer is not asked unless the run is a replay.
 */
#ifndef JOSTLE_TESTS_SCHED_WORLD_H
#define JOSTLE_TESTS_SCHED_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "sched/sched.h"

#define SIM_THREADS_MAX 128
#define SIM_OBJECTS     64
#define SIM_TRACE_MAX   200000

enum sim_kind {
	SIM_END,
	SIM_LOCK, /* lock object */
	SIM_UNLOCK,
	SIM_READ,  /* an operation on object that only reads */
	SIM_WRITE, /* one that conflicts */
	SIM_MARK, /* write: ++value[object]; the thread's view of value[argument] is kept in seen */
	SIM_SET,  /* flag object = 1 */
	SIM_YIELD_UNTIL, /* yield until flag object is set */
	SIM_TRY_UNTIL,   /* trylock object until it succeeds */
	SIM_POLL_UNTIL,  /* lock object; unlock it; until flag argument is set */
	SIM_CLOCK_UNTIL, /* read the clock until now >= argument */
	SIM_SLEEP_UNTIL, /* sleep 1 ns, again and again, until flag object is set */
	SIM_TIMED_UNTIL, /* lock object with a timeout of 1 ns, until it succeeds */
	SIM_WAIT,        /* block until flag object is set, then clear it */
};

struct sim_line {
	uint8_t kind; /* enum sim_kind */
	uint8_t object;
	uint8_t argument;
};

/* The last line of a script, and a line, or several, ten times. */
#define END                   \
	{                     \
		SIM_END, 0, 0 \
	}
#define TEN(...)                                                                                   \
	__VA_ARGS__, __VA_ARGS__, __VA_ARGS__, __VA_ARGS__, __VA_ARGS__, __VA_ARGS__, __VA_ARGS__, \
		__VA_ARGS__, __VA_ARGS__, __VA_ARGS__

struct sim_program {
	uint32_t thread_count;
	const struct sim_line *scripts[SIM_THREADS_MAX];
};

struct sim_run {
	bool ended; /* every script came to its end within the bound */
	bool deadlocked;
	uint32_t steps;
	uint32_t switches;
	uint32_t clock_moves;
	uint32_t rejections;
	uint32_t answer_count;
	uint32_t value[SIM_OBJECTS];
	uint32_t seen[SIM_THREADS_MAX];
	uint32_t order_count;
	thread_id answers[SIM_TRACE_MAX]; /* every answer, as the engine records them */
	thread_id order[SIM_TRACE_MAX];   /* who performed each step */
};

/*
 * Runs @program under an opened strategy. @replaying: ask even when there is one candidate. Stops
 * after @bound steps. The result is one static struct, overwritten by the next run.
 */
const struct sim_run *sim_run(const struct sched_strategy *strategy, void *state,
			      const struct sim_program *program, const struct sched_begin *begin,
			      uint32_t bound, bool replaying);

/* A state of SCHED_STATE_MAX bytes for tests, one per number below 4. */
void *sim_state(unsigned number);

/* begin for schedule @number of a campaign with @seed, with nothing learned. */
struct sched_begin sim_begin(uint64_t seed, uint64_t number);

#endif
