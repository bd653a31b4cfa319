/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A global mutex guards a value in shared memory. Threads share globals; processes do not: after
 * fork(2) each has a copy of the mutex, locks that, and meets nobody. The lock has to lie where the
 * value lies, and has to be told that processes share it.
 */
#include "jostle.h"

#include <stdio.h>

struct jostle_state {
	pthread_mutex_t lock; /* PTHREAD_PROCESS_SHARED */
	long visitors;
};

static pthread_mutex_t global_lock = PTHREAD_MUTEX_INITIALIZER; /* of this process alone */

static void count_under_own_lock(struct jostle_state *s)
{
	pthread_mutex_lock(&global_lock);
	s->visitors++; /* RACE: each process holds its own copy of the lock */
	pthread_mutex_unlock(&global_lock);
}

static void count(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	s->visitors++;
	pthread_mutex_unlock(&s->lock);
}

static int setup(struct jostle_state *s)
{
	pthread_mutexattr_t attributes;
	int error = pthread_mutexattr_init(&attributes);

	if (error)
		return error;
	pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
	error = pthread_mutex_init(&s->lock, &attributes);
	pthread_mutexattr_destroy(&attributes);
	return error;
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%ld", s->visitors);
}

static void teardown(struct jostle_state *s)
{
	pthread_mutex_destroy(&s->lock);
}

JOSTLE_CASE(broken) = {
	.title = "Two processes count in shared memory, each under a mutex of its own",
	.tags = "process shared-memory mutex",
	.why = "A global variable is one object in each process. Its lock keeps the threads of "
	       "that process apart, and nobody else.",
	.ref = "POSIX.1-2017, fork(): the child has its own copy of the parent's memory",
	.expect = JOSTLE_RACE,
	.also = JOSTLE_ALSO(JOSTLE_OUTCOME),
	.needs = JOSTLE_NEEDS_ACCESSES,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.processes = { { "entrance 1", count_under_own_lock },
		       { "entrance 2", count_under_own_lock } },
	.outcomes = { { "2", JOSTLE_ALLOWED, "both are counted" },
		      { "1", JOSTLE_FORBIDDEN, "a visitor is lost" } },
	.schedules = 500, /* each forks */
};

JOSTLE_CASE(fixed) = {
	.title = "The mutex lies in the shared memory and is shared between processes",
	.tags = "process shared-memory mutex",
	.why = "Whoever can reach the counter reaches the same lock.",
	.ref = "POSIX.1-2017, pthread_mutexattr_setpshared()",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.processes = { { "entrance 1", count }, { "entrance 2", count } },
	.outcomes = { { "2", JOSTLE_ALLOWED, "both are counted" } },
	.schedules = 500, /* each forks */
};
