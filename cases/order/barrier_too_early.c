/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two threads compute a picture in rounds, with a barrier between writing one's own row and reading
 * the other's. One of the two steps slipped to the wrong side of the barrier.
 */
#include "jostle.h"

#include <stdio.h>

struct jostle_state {
	pthread_barrier_t written;
	int rows[2];
	int sums[2];
};

static void compute(struct jostle_state *s, int own)
{
	pthread_barrier_wait(&s->written);
	s->rows[own] = 10 + own;         /* RACE: after the barrier */
	s->sums[own] = s->rows[1 - own]; /* RACE: is the other one done? */
}

static void compute_then_meet(struct jostle_state *s, int own)
{
	s->rows[own] = 10 + own;
	pthread_barrier_wait(&s->written);
	s->sums[own] = s->rows[1 - own];
}

static void upper(struct jostle_state *s)
{
	compute(s, 0);
}

static void lower(struct jostle_state *s)
{
	compute(s, 1);
}

static void upper_then_meet(struct jostle_state *s)
{
	compute_then_meet(s, 0);
}

static void lower_then_meet(struct jostle_state *s)
{
	compute_then_meet(s, 1);
}

static int setup(struct jostle_state *s)
{
	return pthread_barrier_init(&s->written, NULL, 2);
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d %d", s->sums[0], s->sums[1]);
}

static void teardown(struct jostle_state *s)
{
	pthread_barrier_destroy(&s->written);
}

JOSTLE_CASE(broken) = {
	.title = "The barrier stands before the write instead of after it",
	.tags = "barrier phase",
	.why = "A barrier separates what all did before it from what all do after it. Write and "
	       "read are on the same side here.",
	.ref = "POSIX.1-2017, pthread_barrier_wait()",
	.expect = JOSTLE_RACE,
	.also = JOSTLE_ALSO(JOSTLE_OUTCOME),
	.needs = JOSTLE_NEEDS_ACCESSES,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "upper", upper }, { "lower", lower } },
	.outcomes = { { "11 10", JOSTLE_ALLOWED, "both rows were read" },
		      { "0 10", JOSTLE_FORBIDDEN, "the lower row was not written yet" },
		      { "11 0", JOSTLE_FORBIDDEN, "the upper row was not written yet" } },
};

JOSTLE_CASE(fixed) = {
	.title = "Write, meet at the barrier, read",
	.tags = "barrier phase",
	.why = "Everything before the barrier, in every thread, comes before everything after "
	       "it.",
	.ref = "POSIX.1-2017, 4.12 Memory Synchronization",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "upper", upper_then_meet }, { "lower", lower_then_meet } },
	.outcomes = { { "11 10", JOSTLE_ALLOWED, "both rows were read" } },
};
