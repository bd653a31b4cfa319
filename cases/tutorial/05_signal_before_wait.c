/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lesson 5: a condition variable remembers nothing. A signal that finds nobody waiting is gone, and
 * whoever waits afterwards waits for ever. What happened must be written down in a variable.
 */
#include "jostle.h"

struct jostle_state {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	int boiling;
};

static void cook(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	pthread_cond_wait(&s->changed, &s->lock); /* DEADLOCK: the whistle was before */
	pthread_mutex_unlock(&s->lock);
}

static void kettle(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	pthread_cond_signal(&s->changed); /* SEE: whistles, perhaps in an empty kitchen */
	pthread_mutex_unlock(&s->lock);
}

static void cook_who_looks(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	while (!s->boiling)
		pthread_cond_wait(&s->changed, &s->lock);
	pthread_mutex_unlock(&s->lock);
}

static void kettle_that_shows(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	s->boiling = 1;
	pthread_cond_signal(&s->changed);
	pthread_mutex_unlock(&s->lock);
}

static int setup(struct jostle_state *s)
{
	int error = pthread_mutex_init(&s->lock, NULL);

	return error ? error : pthread_cond_init(&s->changed, NULL);
}

static void teardown(struct jostle_state *s)
{
	pthread_cond_destroy(&s->changed);
	pthread_mutex_destroy(&s->lock);
}

JOSTLE_CASE(broken) = {
	.title = "A signal that nobody waits for yet is lost",
	.tags = "tutorial wakeup condition",
	.why = "If the kettle whistles before the cook listens, nothing is left of the whistle. "
	       "The cook then waits for a second one that never comes.",
	.ref = "POSIX.1-2017, pthread_cond_signal(): no effect if no threads are blocked",
	.expect = JOSTLE_DEADLOCK,
	.cause = "lost-wakeup",
	.setup = setup,
	.teardown = teardown,
	.threads = { { "cook", cook }, { "kettle", kettle } },
};

JOSTLE_CASE(fixed) = {
	.title = "The event is kept in a variable and the condition only says: look",
	.tags = "tutorial wakeup condition",
	.why = "The variable is set and tested under the same lock. A cook who comes late sees "
	       "that the water boils and does not wait at all.",
	.ref = "POSIX.1-2017, pthread_cond_wait(): a predicate is associated with each condition",
	.expect = JOSTLE_PASS,
	.opt_in = JOSTLE_SPURIOUS,
	.setup = setup,
	.teardown = teardown,
	.threads = { { "cook", cook_who_looks }, { "kettle", kettle_that_shows } },
};
