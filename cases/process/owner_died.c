/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A process that ends takes its memory along, but not a lock that lies in shared memory: that
 * stays locked by somebody who is gone. The early exit of a worker stops all others. Only a robust
 * mutex says to the next one that its owner died.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "jostle.h"

#include <errno.h>
#include <unistd.h>

struct jostle_state {
	pthread_mutex_t lock; /* PTHREAD_PROCESS_SHARED */
	int steps;            /* guarded by lock */
};

static void worker_who_leaves(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock); /* SEE: held when the process ends */
	s->steps++;
	_exit(0); /* SEE: the process ends */
}

static void worker(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock); /* DEADLOCK: the owner is a process that ended */
	s->steps++;
	pthread_mutex_unlock(&s->lock);
}

static void robust_worker(struct jostle_state *s)
{
	if (pthread_mutex_lock(&s->lock) == EOWNERDEAD)
		pthread_mutex_consistent(&s->lock);
	s->steps++;
	pthread_mutex_unlock(&s->lock);
}

static int init_lock(struct jostle_state *s, int robustness)
{
	pthread_mutexattr_t attributes;
	int error = pthread_mutexattr_init(&attributes);

	if (error)
		return error;
	pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&attributes, robustness);
	error = pthread_mutex_init(&s->lock, &attributes);
	pthread_mutexattr_destroy(&attributes);
	return error;
}

static int setup(struct jostle_state *s)
{
	return init_lock(s, PTHREAD_MUTEX_STALLED);
}

static int setup_robust(struct jostle_state *s)
{
	return init_lock(s, PTHREAD_MUTEX_ROBUST);
}

JOSTLE_CASE(broken) = {
	.title = "A process ends while it holds a lock in shared memory",
	.tags = "process mutex exit",
	.why = "The kernel closes files and frees memory when a process ends. It knows nothing of "
	       "an ordinary mutex, and the other process waits for a dead one.",
	.ref = "POSIX.1-2017, pthread_mutexattr_setrobust(): PTHREAD_MUTEX_STALLED",
	.expect = JOSTLE_DEADLOCK,
	.cause = "owner-exited",
	.setup = setup,
	.processes = { { "leaves", worker_who_leaves }, { "worker", worker } },
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(fixed) = {
	.title = "A robust mutex tells the next process that its owner died",
	.tags = "process mutex robust",
	.why = "EOWNERDEAD is the chance to put the data in order; pthread_mutex_consistent() says "
	       "that this was done.",
	.ref = "POSIX.1-2017, pthread_mutexattr_setrobust() and pthread_mutex_consistent()",
	.expect = JOSTLE_PASS,
	.setup = setup_robust,
	.processes = { { "leaves", worker_who_leaves }, { "worker", robust_worker } },
	.schedules = 1000, /* each forks */
};
