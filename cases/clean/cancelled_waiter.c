/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A thread that waits on a condition is cancelled. It gets the lock back before its cleanup handler
 * runs, so that the handler may touch what the lock guards, and must unlock.
 */
#include "jostle.h"

#include <stdio.h>

struct jostle_state {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	int waiters; /* guarded by lock */
	int left;
};

static void leave(void *arg)
{
	struct jostle_state *s = (struct jostle_state *)arg;

	s->waiters--;
	s->left++;
	pthread_mutex_unlock(&s->lock);
}

static void *wait_for_ever(void *arg)
{
	struct jostle_state *s = (struct jostle_state *)arg;

	pthread_mutex_lock(&s->lock);
	s->waiters++;
	pthread_cleanup_push(leave, s);
	for (;;)
		pthread_cond_wait(&s->changed, &s->lock);
	pthread_cleanup_pop(1);
	return NULL;
}

static void cancel(struct jostle_state *s)
{
	pthread_t thread;
	void *result;

	pthread_create(&thread, NULL, wait_for_ever, s);
	pthread_mutex_lock(&s->lock);
	s->waiters += 10;
	pthread_mutex_unlock(&s->lock);
	pthread_cancel(thread);
	pthread_join(thread, &result);
	s->left += result == PTHREAD_CANCELED; /* ordered by the join */
}

static int setup(struct jostle_state *s)
{
	int error = pthread_mutex_init(&s->lock, NULL);

	return error ? error : pthread_cond_init(&s->changed, NULL);
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d waiters, %d", s->waiters, s->left);
}

static void teardown(struct jostle_state *s)
{
	pthread_cond_destroy(&s->changed);
	pthread_mutex_destroy(&s->lock);
}

JOSTLE_CASE(unlocks) = {
	.title = "A waiter is cancelled and its handler uses what the lock guards",
	.tags = "clean cancel condition",
	.why = "Being cancelled while waiting is as if the wait had returned: the lock is held "
	       "when the first cleanup handler is called.",
	.ref = "POSIX.1-2017, pthread_cond_wait(): a cancellation point",
	.expect = JOSTLE_PASS,
	.body = cancel,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.outcomes = { { "10 waiters, 2", JOSTLE_ALLOWED, "left in order" } },
};
