/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A queue is closed so that its readers can go home. The readers that come later see the mark;
 * the one that sleeps already sees nothing unless somebody wakes it.
 */
#include "jostle.h"

struct jostle_state {
	pthread_mutex_t lock;
	pthread_cond_t filled;
	int items, closed; /* guarded by lock */
};

static void reader(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	while (!s->items && !s->closed)
		pthread_cond_wait(&s->filled, &s->lock); /* DEADLOCK: closed, and not told */
	s->items = 0;
	pthread_mutex_unlock(&s->lock);
}

static void close_silently(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	s->closed = 1;
	pthread_mutex_unlock(&s->lock);
}

static void close_and_tell(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	s->closed = 1;
	pthread_cond_broadcast(&s->filled);
	pthread_mutex_unlock(&s->lock);
}

/* For threads and for processes. */
static int init_lock(pthread_mutex_t *lock)
{
	pthread_mutexattr_t shared;
	int error = pthread_mutexattr_init(&shared);

	if (error)
		return error;
	pthread_mutexattr_setpshared(&shared, PTHREAD_PROCESS_SHARED);
	error = pthread_mutex_init(lock, &shared);
	pthread_mutexattr_destroy(&shared);
	return error;
}

static int init_condition(pthread_cond_t *condition)
{
	pthread_condattr_t shared;
	int error = pthread_condattr_init(&shared);

	if (error)
		return error;
	pthread_condattr_setpshared(&shared, PTHREAD_PROCESS_SHARED);
	error = pthread_cond_init(condition, &shared);
	pthread_condattr_destroy(&shared);
	return error;
}

static int setup(struct jostle_state *s)
{
	int error = init_lock(&s->lock);

	return error ? error : init_condition(&s->filled);
}

static void teardown(struct jostle_state *s)
{
	pthread_cond_destroy(&s->filled);
	pthread_mutex_destroy(&s->lock);
}

JOSTLE_CASE(broken) = {
	.title = "A queue is closed and its blocked reader is not woken",
	.tags = "queue condition",
	.why = "Closing changes what the reader waits for, so it is an event like a new item. The "
	       "reader that sleeps at that moment never looks again.",
	.ref = "POSIX.1-2017, pthread_cond_broadcast()",
	.expect = JOSTLE_DEADLOCK,
	.cause = "no-signal",
	.setup = setup, /* no teardown: somebody may still wait */
	.threads = { { "reader", reader }, { "owner", close_silently } },
};

JOSTLE_CASE(broken_process) = {
	.title = "A queue in shared memory is closed and its reader is not woken",
	.tags = "process queue condition",
	.why = "The mark is in shared memory, and the reader in the other process sleeps.",
	.ref = "POSIX.1-2017, pthread_cond_broadcast()",
	.expect = JOSTLE_DEADLOCK,
	.cause = "no-signal",
	.setup = setup, /* no teardown: somebody may still wait */
	.processes = { { "reader", reader }, { "owner", close_silently } },
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(fixed) = {
	.title = "Closing a queue wakes all that wait for it",
	.tags = "queue condition",
	.why = "Every reader wakes, sees that nothing will come any more, and goes home.",
	.ref = "POSIX.1-2017, pthread_cond_broadcast()",
	.expect = JOSTLE_PASS,
	.opt_in = JOSTLE_SPURIOUS,
	.setup = setup,
	.teardown = teardown,
	.threads = { { "reader", reader }, { "owner", close_and_tell } },
};

JOSTLE_CASE(fixed_process) = {
	.title = "Closing a queue in shared memory wakes all readers",
	.tags = "process queue condition",
	.why = "Every reader wakes, in whichever process, sees the mark and goes home.",
	.ref = "POSIX.1-2017, pthread_cond_broadcast()",
	.expect = JOSTLE_PASS,
	.opt_in = JOSTLE_SPURIOUS,
	.setup = setup,
	.teardown = teardown,
	.processes = { { "reader", reader }, { "owner", close_and_tell } },
	.schedules = 1000, /* each forks */
};
