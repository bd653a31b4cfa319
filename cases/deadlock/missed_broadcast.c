/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A pool is told to stop. Every worker must hear that, and a signal wakes one. If only one of them
 * happens to sleep, all is well; that is what the tests saw.
 */
#include "jostle.h"

struct jostle_state {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	int stopping;
};

static void worker(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	while (!s->stopping)
		pthread_cond_wait(&s->changed, &s->lock); /* DEADLOCK: another one was woken */
	pthread_mutex_unlock(&s->lock);
}

static void stop(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	s->stopping = 1;
	pthread_cond_signal(&s->changed); /* SEE: wakes one worker */
	pthread_mutex_unlock(&s->lock);
}

static void stop_all(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	s->stopping = 1;
	pthread_cond_broadcast(&s->changed);
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
	.title = "A pool of workers is stopped with a signal instead of a broadcast",
	.tags = "condition pool",
	.why = "The flag is true for all of them, but only one is woken to see it. The others "
	       "sleep on, and whoever joins them waits as well.",
	.ref = "POSIX.1-2017, pthread_cond_signal() and pthread_cond_broadcast()",
	.expect = JOSTLE_DEADLOCK,
	.cause = "missed-broadcast",
	.setup = setup,
	.teardown = teardown,
	.threads = { { "worker 1", worker }, { "worker 2", worker }, { "stop", stop } },
};

JOSTLE_CASE(fixed) = {
	.title = "What concerns all waiters is broadcast",
	.tags = "condition pool",
	.why = "A signal is right when any one waiter can do all that is to be done. A change "
	       "that each of them must see needs a broadcast.",
	.ref = "POSIX.1-2017, pthread_cond_broadcast()",
	.expect = JOSTLE_PASS,
	.opt_in = JOSTLE_SPURIOUS,
	.setup = setup,
	.teardown = teardown,
	.threads = { { "worker 1", worker }, { "worker 2", worker }, { "stop", stop_all } },
};
