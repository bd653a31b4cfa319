/* SPDX-License-Identifier: Apache-2.0 */
/* pthread.h: mutexes of every kind. */
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>

#include "differential.h"

static void *lock_and_die(void *mutex)
{
	return (void *)(intptr_t)pthread_mutex_lock(mutex);
}

static void *others_try(void *mutex)
{
	const struct timespec soon = from_now(CLOCK_REALTIME, 5);
	const int error = (int)GIVES(pthread_mutex_trylock(mutex));

	if (error == EBUSY) {
		GIVES(pthread_mutex_timedlock(mutex, &past));
		GIVES(pthread_mutex_timedlock(mutex, &soon));
		GIVES(pthread_mutex_clocklock(mutex, CLOCK_MONOTONIC, &past));
	} else if (error == 0) {
		GIVES(pthread_mutex_unlock(mutex));
	}
	return NULL;
}

static void *others_unlock(void *mutex)
{
	GIVES(pthread_mutex_unlock(mutex));
	return NULL;
}

static void kind(int type, int robust, int protocol, int shared)
{
	const struct timespec soon = from_now(CLOCK_REALTIME, 5);
	pthread_mutexattr_t attr;
	pthread_mutex_t m;
	int depth = 1;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_settype(&attr, type);
	pthread_mutexattr_setrobust(&attr, robust);
	pthread_mutexattr_setprotocol(&attr, protocol);
	pthread_mutexattr_setpshared(&attr, shared);
	GIVES(pthread_mutex_init(&m, &attr));
	with(", type %d robust %d protocol %d shared %d", type, robust, protocol, shared);
	pthread_mutexattr_destroy(&attr);
	if (type != PTHREAD_MUTEX_NORMAL || robust == PTHREAD_MUTEX_ROBUST)
		GIVES(pthread_mutex_unlock(&m));
	GIVES(pthread_mutex_lock(&m));
	depth += GIVES(pthread_mutex_trylock(&m)) == 0;
	if (type != PTHREAD_MUTEX_NORMAL)
		depth += GIVES(pthread_mutex_lock(&m)) == 0;
	depth += GIVES(pthread_mutex_timedlock(&m, &past)) == 0;
	depth += GIVES(pthread_mutex_timedlock(&m, &soon)) == 0;
	depth += GIVES(pthread_mutex_timedlock(&m, &invalid)) == 0;
	depth += GIVES(pthread_mutex_clocklock(&m, CLOCK_MONOTONIC, &past)) == 0;
	in_thread(others_try, &m);
	if (type != PTHREAD_MUTEX_NORMAL || robust == PTHREAD_MUTEX_ROBUST)
		in_thread(others_unlock, &m);
	while (depth-- > 0)
		GIVES(pthread_mutex_unlock(&m));
	in_thread(others_try, &m);
	GIVES(pthread_mutex_consistent(&m));
	GIVES(pthread_mutex_timedlock(&m, &invalid)); /* not looked at when it is free */
	GIVES(pthread_mutex_unlock(&m));
	GIVES(pthread_mutex_clocklock(&m, CLOCK_REALTIME, &past));
	GIVES(pthread_mutex_unlock(&m));
	GIVES(pthread_mutex_clocklock(&m, CLOCK_PROCESS_CPUTIME_ID, &past));
	GIVES(pthread_mutex_clocklock(&m, 77, &past));
	GIVES(pthread_mutex_destroy(&m));
}

static void kinds(void)
{
	static const int types[] = { PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_RECURSIVE,
				     PTHREAD_MUTEX_ERRORCHECK, PTHREAD_MUTEX_ADAPTIVE_NP };

	for (int i = 0; i < 3; i++) {
		kind(types[i], PTHREAD_MUTEX_STALLED, PTHREAD_PRIO_NONE, PTHREAD_PROCESS_PRIVATE);
		kind(types[i], PTHREAD_MUTEX_ROBUST, PTHREAD_PRIO_NONE, PTHREAD_PROCESS_PRIVATE);
		kind(types[i], PTHREAD_MUTEX_STALLED, PTHREAD_PRIO_INHERIT,
		     PTHREAD_PROCESS_PRIVATE);
		kind(types[i], PTHREAD_MUTEX_ROBUST, PTHREAD_PRIO_INHERIT, PTHREAD_PROCESS_PRIVATE);
		kind(types[i], PTHREAD_MUTEX_STALLED, PTHREAD_PRIO_NONE, PTHREAD_PROCESS_SHARED);
		kind(types[i], PTHREAD_MUTEX_ROBUST, PTHREAD_PRIO_NONE, PTHREAD_PROCESS_SHARED);
	}
}

static void *tries_after_death(void *mutex)
{
	const struct timespec soon = from_now(CLOCK_REALTIME, 5);
	long error = GIVES(pthread_mutex_timedlock(mutex, &soon));

	if (error == EOWNERDEAD)
		GIVES(pthread_mutex_unlock(mutex));
	return NULL;
}

/* Who dies with it, and what the others are told. */
static void robust(int type, int protocol)
{
	const struct timespec soon = from_now(CLOCK_REALTIME, 5);
	pthread_mutexattr_t attr;
	pthread_mutex_t m;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_settype(&attr, type);
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	pthread_mutexattr_setprotocol(&attr, protocol);
	GIVES(pthread_mutex_init(&m, &attr));
	with(", type %d protocol %d", type, protocol);
	gives("pthread_mutex_lock(and dies)", (intptr_t)in_thread(lock_and_die, &m));
	gives("pthread_mutex_lock(and dies)", (intptr_t)in_thread(lock_and_die, &m));
	GIVES(pthread_mutex_trylock(&m));
	if (type == PTHREAD_MUTEX_RECURSIVE) {
		GIVES(pthread_mutex_lock(&m));
		GIVES(pthread_mutex_unlock(&m));
	}
	GIVES(pthread_mutex_consistent(&m));
	GIVES(pthread_mutex_consistent(&m));
	GIVES(pthread_mutex_unlock(&m));
	gives("pthread_mutex_lock(and dies)", (intptr_t)in_thread(lock_and_die, &m));
	GIVES(pthread_mutex_clocklock(&m, CLOCK_MONOTONIC, &past));
	GIVES(pthread_mutex_consistent(&m));
	GIVES(pthread_mutex_consistent(&m));
	GIVES(pthread_mutex_unlock(&m));
	GIVES(pthread_mutex_consistent(&m));
	gives("pthread_mutex_lock(and dies)", (intptr_t)in_thread(lock_and_die, &m));
	in_thread(tries_after_death, &m); /* not made consistent */
	GIVES(pthread_mutex_lock(&m));
	GIVES(pthread_mutex_timedlock(&m, &soon));
	GIVES(pthread_mutex_lock(&m));
	GIVES(pthread_mutex_trylock(&m));
	GIVES(pthread_mutex_destroy(&m));
	pthread_mutexattr_destroy(&attr);
}

static void ceilings(void)
{
	const int top = sched_get_priority_max(SCHED_FIFO);
	pthread_mutexattr_t attr;
	pthread_mutex_t m, plain = PTHREAD_MUTEX_INITIALIZER;
	int old = -1;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setprotocol(&attr, PTHREAD_PRIO_PROTECT);
	pthread_mutexattr_setprioceiling(&attr, 10);
	GIVES(pthread_mutex_init(&m, &attr));
	GIVES(pthread_mutex_getprioceiling(&m, &old));
	with(", ceiling %d", old);
	old = -1;
	GIVES(pthread_mutex_setprioceiling(&m, top + 1, &old));
	with(", ceiling %d", old);
	GIVES(pthread_mutex_setprioceiling(&m, -1, &old));
	with(", ceiling %d", old);
	GIVES(pthread_mutex_setprioceiling(&m, 20, &old));
	with(", ceiling %d", old);
	GIVES(pthread_mutex_setprioceiling(&m, 30, &old));
	with(", ceiling %d", old);
	GIVES(pthread_mutex_getprioceiling(&m, &old));
	with(", ceiling %d", old);
	GIVES(pthread_mutex_destroy(&m));
	GIVES(pthread_mutex_getprioceiling(&plain, &old));
	GIVES(pthread_mutex_setprioceiling(&plain, 10, &old));
	pthread_mutexattr_setprioceiling(&attr, top);
	GIVES(pthread_mutex_init(&m, &attr));
	GIVES(pthread_mutex_getprioceiling(&m, &old));
	with(", ceiling %d", old);
	GIVES(pthread_mutex_destroy(&m));
	pthread_mutexattr_setprotocol(&attr, PTHREAD_PRIO_INHERIT);
	pthread_mutex_init(&m, &attr);
	GIVES(pthread_mutex_getprioceiling(&m, &old));
	GIVES(pthread_mutex_setprioceiling(&m, 5, &old));
	GIVES(pthread_mutex_setprioceiling(&m, 500, &old));
	pthread_mutex_destroy(&m);
	pthread_mutexattr_destroy(&attr);
}

static void statics(void)
{
	pthread_mutex_t normal = PTHREAD_MUTEX_INITIALIZER;
	pthread_mutex_t recursive = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
	pthread_mutex_t checking = PTHREAD_ERRORCHECK_MUTEX_INITIALIZER_NP;
	pthread_mutex_t adaptive = PTHREAD_ADAPTIVE_MUTEX_INITIALIZER_NP;
	pthread_mutex_t *all[] = { &normal, &recursive, &checking, &adaptive };

	for (int i = 0; i < 4; i++) {
		GIVES(pthread_mutex_lock(all[i]));
		if (GIVES(pthread_mutex_trylock(all[i])) == 0)
			GIVES(pthread_mutex_unlock(all[i]));
		in_thread(others_try, all[i]);
		GIVES(pthread_mutex_unlock(all[i]));
		in_thread(others_try, all[i]);
		GIVES(pthread_mutex_consistent(all[i]));
		GIVES(pthread_mutex_destroy(all[i]));
	}
}

/* Attributes of its own kinds that do not go together. */
static void refused(void)
{
	pthread_mutexattr_t attr;
	pthread_mutex_t m;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	pthread_mutexattr_setprotocol(&attr, PTHREAD_PRIO_PROTECT);
	GIVES(pthread_mutex_init(&m, &attr));
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_STALLED);
	pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	GIVES(pthread_mutex_init(&m, &attr));
	pthread_mutexattr_destroy(&attr);
	GIVES(pthread_mutex_init(&m, NULL));
	GIVES(pthread_mutex_lock(&m));
	GIVES(pthread_mutex_unlock(&m));
	GIVES(pthread_mutex_destroy(&m));
}

void mutexes(void)
{
	kinds();
	robust(PTHREAD_MUTEX_NORMAL, PTHREAD_PRIO_NONE);
	robust(PTHREAD_MUTEX_RECURSIVE, PTHREAD_PRIO_NONE);
	robust(PTHREAD_MUTEX_ERRORCHECK, PTHREAD_PRIO_INHERIT);
	ceilings();
	statics();
	refused();
}
