/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A helper ends the thread when it is told to stop. It does not know that its caller holds a lock,
 * and a mutex does not notice when its owner ends, unless it was made robust.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "jostle.h"

#include <errno.h>

struct jostle_state {
	pthread_mutex_t lock;
	int stop, steps;
};

static void exit_if_stopped(struct jostle_state *s)
{
	if (s->stop)
		pthread_exit(NULL); /* SEE: the owner ends here */
}

static void worker(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock); /* SEE: held when the thread ends */
	exit_if_stopped(s);
	s->steps++;
	pthread_mutex_unlock(&s->lock);
}

static void manager(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	s->stop = 1;
	pthread_mutex_unlock(&s->lock);
	pthread_mutex_lock(&s->lock); /* DEADLOCK: the worker took the lock to its grave */
	s->steps = 0;
	pthread_mutex_unlock(&s->lock);
}

static void worker_asks_first(struct jostle_state *s)
{
	int stop;

	pthread_mutex_lock(&s->lock);
	stop = s->stop;
	s->steps += !stop;
	pthread_mutex_unlock(&s->lock);
	if (stop)
		pthread_exit(NULL);
}

/* A robust mutex tells its next owner. What it protects must then be put in order. */
static void lock_robustly(struct jostle_state *s)
{
	if (pthread_mutex_lock(&s->lock) == EOWNERDEAD)
		pthread_mutex_consistent(&s->lock);
}

static void robust_worker(struct jostle_state *s)
{
	lock_robustly(s);
	exit_if_stopped(s);
	s->steps++;
	pthread_mutex_unlock(&s->lock);
}

static void robust_manager(struct jostle_state *s)
{
	lock_robustly(s);
	s->stop = 1;
	pthread_mutex_unlock(&s->lock);
	lock_robustly(s);
	s->steps = 0;
	pthread_mutex_unlock(&s->lock);
}

static int setup(struct jostle_state *s)
{
	return pthread_mutex_init(&s->lock, NULL);
}

static int setup_robust(struct jostle_state *s)
{
	pthread_mutexattr_t attributes;
	int error = pthread_mutexattr_init(&attributes);

	if (error)
		return error;
	pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
	error = pthread_mutex_init(&s->lock, &attributes);
	pthread_mutexattr_destroy(&attributes);
	return error;
}

static void teardown(struct jostle_state *s)
{
	pthread_mutex_destroy(&s->lock);
}

static void teardown_robust(struct jostle_state *s)
{
	lock_robustly(s);
	pthread_mutex_unlock(&s->lock);
	pthread_mutex_destroy(&s->lock);
}

JOSTLE_CASE(broken) = {
	.title = "A thread ends while it holds a lock",
	.tags = "mutex exit",
	.why = "pthread_exit() is called three frames below the function that locked. The mutex "
	       "stays locked by a thread that is gone.",
	.ref = "POSIX.1-2017, pthread_exit(): does not release mutexes",
	.expect = JOSTLE_DEADLOCK,
	.cause = "owner-exited",
	.setup = setup, /* no teardown: the lock may still be held */
	.threads = { { "worker", worker }, { "manager", manager } },
};

JOSTLE_CASE(fixed) = {
	.title = "The thread unlocks before it ends",
	.tags = "mutex exit",
	.why = "The decision is made under the lock and carried out after it.",
	.ref = "POSIX.1-2017, pthread_exit()",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.teardown = teardown,
	.threads = { { "worker", worker_asks_first }, { "manager", manager } },
};

JOSTLE_CASE(fixed_robust) = {
	.title = "A robust mutex goes to the next thread with EOWNERDEAD",
	.tags = "mutex exit robust",
	.why = "The next to lock learns that the owner died, declares the data consistent again "
	       "and goes on. Meant for processes that are killed, it works for threads that end.",
	.ref = "POSIX.1-2017, pthread_mutexattr_setrobust() and pthread_mutex_consistent()",
	.expect = JOSTLE_PASS,
	.setup = setup_robust,
	.teardown = teardown_robust,
	.threads = { { "worker", robust_worker }, { "manager", robust_manager } },
};
