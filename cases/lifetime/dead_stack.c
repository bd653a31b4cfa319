/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A thread computes a value in a local variable, gives its address to another thread, and ends. The
 * stack that held the variable belongs to nobody then, or to the next thread.
 */
#include "jostle.h"

#include <errno.h>
#include <semaphore.h>
#include <stdio.h>

struct jostle_state {
	sem_t computed, taken;
	const int *result;
	int seen;
};

static void hand_over(struct jostle_state *s, const int *result)
{
	s->result = result;
	sem_post(&s->computed);
}

static void compute(struct jostle_state *s)
{
	int result = 6 * 7;

	hand_over(s, &result);
} /* the variable ends here */

static void compute_and_wait(struct jostle_state *s)
{
	int result = 6 * 7;

	hand_over(s, &result);
	while (sem_wait(&s->taken))
		;
}

static void take(struct jostle_state *s)
{
	while (sem_wait(&s->computed))
		;
	s->seen = *s->result; /* LIFETIME: on the stack of a thread that ended */
	sem_post(&s->taken);
}

static int setup(struct jostle_state *s)
{
	if (sem_init(&s->computed, 0, 0) || sem_init(&s->taken, 0, 0))
		return errno;
	return 0;
}

static void teardown(struct jostle_state *s)
{
	sem_destroy(&s->taken);
	sem_destroy(&s->computed);
}

JOSTLE_CASE(broken) = {
	.title = "A pointer to a local variable outlives its thread",
	.tags = "stack semaphore",
	.why = "The semaphore orders the write before the read, so there is no race. What was "
	       "written is gone: a local variable ends with its function, and its memory with "
	       "the thread.",
	.ref = "C11 6.2.4 paragraph 6: automatic storage duration; CWE-562",
	.expect = JOSTLE_LIFETIME,
	.needs = JOSTLE_NEEDS_ACCESSES,
	.setup = setup,
	.teardown = teardown,
	.threads = { { "compute", compute }, { "take", take } },
};

JOSTLE_CASE(fixed) = {
	.title = "The function waits until its variable was read",
	.tags = "stack semaphore",
	.why = "Sharing a local variable is allowed as long as its function has not returned.",
	.ref = "C11 6.2.4 paragraph 5: access from another thread",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.teardown = teardown,
	.threads = { { "compute", compute_and_wait }, { "take", take } },
};
