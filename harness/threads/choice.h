/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether a thread is held up at a point, and for how long. Pure: a function of the run's
 * configuration, of the thread's lineage and of what it passed before, never of the clock, of other
 * threads or of addresses. On real threads this makes no run exactly repeatable; it makes the same
 * seed press at the same places again.
 */
#ifndef JOSTLE_THREADS_CHOICE_H
#define JOSTLE_THREADS_CHOICE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/rng.h"
#include "record/perturb.h"

#define CHOICE_CHANGES_MAX 3

/* Of one thread. */
struct choice {
	const struct perturb_config *config;
	struct rng rng;
	uint64_t spent_ns;
	uint32_t priority;                    /* PERTURB_PCT: 0 is the one that is never held up */
	uint32_t odds;                        /* PERTURB_RANDOM: one in so many points */
	uint32_t changes[CHOICE_CHANGES_MAX]; /* numbers of points; UINT32_MAX: none */
	uint32_t passed;
};

/* What the point is like. */
struct choice_point {
	uint32_t kind;  /* enum op_kind */
	bool after;     /* the operation was done; else it is about to be */
	uint64_t place; /* where in the program, the same in each run */
};

enum choice_act { CHOICE_GO_ON, CHOICE_YIELD, CHOICE_SLEEP };

struct choice_answer {
	enum choice_act act;
	uint64_t delay_ns; /* CHOICE_SLEEP */
};

void choice_init(struct choice *choice, const struct perturb_config *config, uint64_t lineage);
struct choice_answer choice_at(struct choice *choice, const struct choice_point *point);

/* The lineage of a thread's n-th child; 0 is nobody's. */
uint64_t choice_child(uint64_t lineage, uint32_t nth);
/* PERTURB_CORE: whether the thread gives way to all others whenever it can. */
bool choice_is_idle(const struct perturb_config *config, uint64_t lineage);

#endif
