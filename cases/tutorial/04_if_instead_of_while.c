/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lesson 4: a wake-up is a hint, not a promise. Between the signal and the moment at which the
 * woken thread has the lock again, another thread may have taken what was signalled.
 */
#include "jostle.h"

#include <assert.h>

struct jostle_state {
	pthread_mutex_t lock;
	pthread_cond_t filled;
	int cups;
};

static void pour(struct jostle_state *s)
{
	for (int i = 0; i < 2; i++) {
		pthread_mutex_lock(&s->lock);
		s->cups++;
		pthread_cond_signal(&s->filled);
		pthread_mutex_unlock(&s->lock);
	}
}

static void drink(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	if (s->cups == 0)
		pthread_cond_wait(&s->filled, &s->lock);
	assert(s->cups > 0); /* ASSERT: the other drinker took the cup first */
	s->cups--;
	pthread_mutex_unlock(&s->lock);
}

static void look_again_and_drink(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	while (s->cups == 0)
		pthread_cond_wait(&s->filled, &s->lock);
	assert(s->cups > 0);
	s->cups--;
	pthread_mutex_unlock(&s->lock);
}

static int setup(struct jostle_state *s)
{
	int error = pthread_mutex_init(&s->lock, NULL);

	return error ? error : pthread_cond_init(&s->filled, NULL);
}

static void teardown(struct jostle_state *s)
{
	pthread_cond_destroy(&s->filled);
	pthread_mutex_destroy(&s->lock);
}

JOSTLE_CASE(broken) = {
	.title = "The condition is tested once: if instead of while",
	.tags = "tutorial wakeup condition",
	.why = "One drinker waits, a cup is poured and signalled, and before the sleeper has the "
	       "lock again the other drinker comes by and takes the cup. The sleeper drinks from "
	       "nothing.",
	.ref = "POSIX.1-2017, pthread_cond_wait(): the predicate is re-evaluated upon return",
	.expect = JOSTLE_ASSERT,
	.setup = setup,
	.teardown = teardown,
	.threads = { { "pour", pour }, { "drinker 1", drink }, { "drinker 2", drink } },
};

JOSTLE_CASE(fixed) = {
	.title = "The condition is tested again after each wake-up",
	.tags = "tutorial wakeup condition",
	.why = "With while, a thread that was woken for nothing goes back to sleep. It also "
	       "survives spurious wake-ups, which POSIX permits.",
	.ref = "POSIX.1-2017, pthread_cond_wait(): the predicate is re-evaluated upon return",
	.expect = JOSTLE_PASS,
	.opt_in = JOSTLE_SPURIOUS,
	.setup = setup,
	.teardown = teardown,
	.threads = { { "pour", pour },
		     { "drinker 1", look_again_and_drink },
		     { "drinker 2", look_again_and_drink } },
};
