/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Acquire, work, release: as long as there is one way through the function that is easy. Then
 * somebody adds a test that returns early, and the release is below it. The cleanup attribute of
 * gcc and clang ties the release to the scope: whichever way the function is left, the lock is.
 */
#include "jostle.h"

#include <stdio.h>

struct jostle_state {
	pthread_mutex_t lock; /* between processes */
	int stock;            /* guarded by lock */
	int refused;          /* guarded by lock */
};

static int take_by_hand(struct jostle_state *s, int amount)
{
	pthread_mutex_lock(&s->lock); /* DEADLOCK: somebody returned with it */
	if (s->stock < amount) {
		s->refused++;
		return 0; /* the lock stays locked */
	}
	s->stock -= amount;
	pthread_mutex_unlock(&s->lock);
	return 1;
}

static void release(pthread_mutex_t **lock)
{
	pthread_mutex_unlock(*lock);
}

static pthread_mutex_t *acquire(pthread_mutex_t *lock)
{
	pthread_mutex_lock(lock);
	return lock;
}

/* Declares a variable whose end of scope releases the lock. */
#define SCOPED_LOCK(name, lock) \
	__attribute__((cleanup(release), unused)) pthread_mutex_t *name = acquire(lock)

static int take_scoped(struct jostle_state *s, int amount)
{
	SCOPED_LOCK(guard, &s->lock);

	if (s->stock < amount) {
		s->refused++;
		return 0;
	}
	s->stock -= amount;
	return 1;
}

static void big_customer(struct jostle_state *s)
{
	take_by_hand(s, 5); /* SEE: ends with the lock */
}

static void customer(struct jostle_state *s)
{
	take_by_hand(s, 1);
}

static void scoped_big_customer(struct jostle_state *s)
{
	take_scoped(s, 5);
}

static void scoped_customer(struct jostle_state *s)
{
	take_scoped(s, 1);
}

static int setup(struct jostle_state *s)
{
	pthread_mutexattr_t shared;
	int error = pthread_mutexattr_init(&shared);

	if (error)
		return error;
	pthread_mutexattr_setpshared(&shared, PTHREAD_PROCESS_SHARED);
	error = pthread_mutex_init(&s->lock, &shared);
	pthread_mutexattr_destroy(&shared);
	s->stock = 3;
	return error;
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d left, %d refused", s->stock, s->refused);
}

JOSTLE_CASE(broken) = {
	.title = "A return between acquire and release",
	.tags = "lock return",
	.why = "The thread ends and takes the lock along. Whether anybody notices depends on who "
	       "comes first.",
	.ref = "CWE-667: Improper Locking; SEI CERT C, CON01-C",
	.expect = JOSTLE_DEADLOCK,
	.cause = "owner-exited",
	.setup = setup, /* no teardown: the lock may be left behind */
	.observe = observe,
	.threads = { { "big customer", big_customer }, { "customer", customer } },
	.outcomes = { { "2 left, 1 refused", JOSTLE_ALLOWED, "one served, one refused" } },
};

JOSTLE_CASE(broken_process) = {
	.title = "A return between acquire and release of a lock in shared memory",
	.tags = "process lock return",
	.why = "The process ends, the lock in shared memory stays locked for all others.",
	.ref = "CWE-667: Improper Locking; POSIX.1-2017, pthread_mutexattr_setpshared()",
	.expect = JOSTLE_DEADLOCK,
	.cause = "owner-exited",
	.setup = setup, /* no teardown: the lock may be left behind */
	.observe = observe,
	.processes = { { "big customer", big_customer }, { "customer", customer } },
	.outcomes = { { "2 left, 1 refused", JOSTLE_ALLOWED, "one served, one refused" } },
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(fixed) = {
	.title = "The end of the scope releases the lock",
	.tags = "lock return",
	.why = "The compiler calls release() wherever the variable's scope is left, also by a "
	       "return that somebody adds next year.",
	.ref = "GCC manual, Common Variable Attributes: cleanup",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.threads = { { "big customer", scoped_big_customer }, { "customer", scoped_customer } },
	.outcomes = { { "2 left, 1 refused", JOSTLE_ALLOWED, "one served, one refused" } },
};

JOSTLE_CASE(fixed_process) = {
	.title = "The end of the scope releases the lock between processes",
	.tags = "process lock return",
	.why = "The scope is left before the process ends. A process that is killed inside still "
	       "needs a robust mutex.",
	.ref = "GCC manual, Common Variable Attributes: cleanup",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.processes = { { "big customer", scoped_big_customer }, { "customer", scoped_customer } },
	.outcomes = { { "2 left, 1 refused", JOSTLE_ALLOWED, "one served, one refused" } },
	.schedules = 1000, /* each forks */
};
