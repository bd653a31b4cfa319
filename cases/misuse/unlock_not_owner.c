/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "goto out" is a good habit, and here it goes one line too far: who did not get the lock unlocks
 * it as well. It is then another thread's critical section that loses its protection.
 */
#include "jostle.h"

struct jostle_state {
	pthread_mutex_t lock;
	int visits;
};

static void patient(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock); /* SEE: the owner */
	s->visits++;
	pthread_mutex_unlock(&s->lock); /* SEE: was unlocked by somebody else before */
}

static void hasty(struct jostle_state *s)
{
	if (pthread_mutex_trylock(&s->lock))
		goto out;
	s->visits++;
out:
	pthread_mutex_unlock(&s->lock); /* MISUSE: held by the other thread */
}

static void hasty_but_correct(struct jostle_state *s)
{
	if (pthread_mutex_trylock(&s->lock))
		return;
	s->visits++;
	pthread_mutex_unlock(&s->lock);
}

static int setup(struct jostle_state *s)
{
	return pthread_mutex_init(&s->lock, NULL);
}

static void teardown(struct jostle_state *s)
{
	pthread_mutex_destroy(&s->lock);
}

JOSTLE_CASE(broken) = {
	.title = "A thread unlocks a mutex that another thread holds",
	.tags = "mutex trylock",
	.why = "When trylock fails, the clean-up path unlocks all the same. A normal mutex does "
	       "not check who unlocks it, and a third thread may walk into the owner's section.",
	.ref = "POSIX.1-2017, pthread_mutex_unlock(): undefined if not the owner, for NORMAL",
	.expect = JOSTLE_MISUSE,
	.cause = "unlock-not-owner",
	.setup = setup,
	.teardown = teardown,
	.threads = { { "patient", patient }, { "hasty", hasty } },
};

JOSTLE_CASE(fixed) = {
	.title = "Who did not get the lock leaves without unlocking",
	.tags = "mutex trylock",
	.why = "The way out is chosen by what was acquired so far.",
	.ref = "POSIX.1-2017, pthread_mutex_trylock()",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.teardown = teardown,
	.threads = { { "patient", patient }, { "hasty", hasty_but_correct } },
};
