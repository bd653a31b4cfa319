/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The flag is atomic, so why lock to set it? Because the waiter tests it and goes to sleep in two
 * steps. The lock is what makes the two one; whoever sets the flag without it can slip between.
 */
#include "jostle.h"

#include <stdatomic.h>

struct jostle_state {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	atomic_int ready;
};

static void consumer(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	while (!atomic_load(&s->ready))
		pthread_cond_wait(&s->changed, &s->lock); /* DEADLOCK: signalled just before */
	pthread_mutex_unlock(&s->lock);
}

static void producer(struct jostle_state *s)
{
	atomic_store(&s->ready, 1);
	pthread_cond_signal(&s->changed); /* SEE: the consumer is about to wait, not yet waiting */
}

static void producer_with_lock(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	atomic_store(&s->ready, 1);
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
	.title = "The flag is set without the lock, between the waiter's test and its sleep",
	.tags = "condition atomic",
	.why = "The consumer saw 0 and has not yet gone to sleep when the flag is set and "
	       "signalled. The signal finds nobody, and the consumer sleeps although the flag is "
	       "set.",
	.ref = "POSIX.1-2017, pthread_cond_signal(): predictable scheduling needs the mutex",
	.expect = JOSTLE_DEADLOCK,
	.cause = "lost-wakeup",
	.setup = setup,
	.teardown = teardown,
	.threads = { { "consumer", consumer }, { "producer", producer } },
};

JOSTLE_CASE(fixed) = {
	.title = "The flag is set with the lock held",
	.tags = "condition atomic",
	.why = "While the consumer holds the lock it tests; when it gives the lock up it sleeps "
	       "already, and the signal finds it.",
	.ref = "POSIX.1-2017, pthread_cond_wait(): atomically release mutex and block",
	.expect = JOSTLE_PASS,
	.opt_in = JOSTLE_SPURIOUS,
	.setup = setup,
	.teardown = teardown,
	.threads = { { "consumer", consumer }, { "producer", producer_with_lock } },
};
