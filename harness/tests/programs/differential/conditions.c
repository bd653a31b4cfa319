/* SPDX-License-Identifier: Apache-2.0 */
/* pthread.h: condition variables. */
#include <pthread.h>
#include <stdlib.h>

#include "differential.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER, waiting = PTHREAD_COND_INITIALIZER;
static int waiters, open_for;

enum how { PLAIN, TIMED, CLOCKED };

/* Waits until it may pass, however often. Far as the deadline is, a schedule may let it come first:
 * that is the one result that is not counted. */
static void *pass(void *how)
{
	long error = 0;

	pthread_mutex_lock(&mutex);
	waiters++;
	pthread_cond_signal(&waiting);
	while (open_for == 0 && error == 0) {
		const struct timespec real = from_now(CLOCK_REALTIME, 100000);
		const struct timespec monotonic = from_now(CLOCK_MONOTONIC, 100000);

		if ((enum how)(long)how == PLAIN)
			error = pthread_cond_wait(&cond, &mutex);
		else if ((enum how)(long)how == TIMED)
			error = pthread_cond_timedwait(&cond, &mutex, &real);
		else
			error = pthread_cond_clockwait(&cond, &mutex, CLOCK_MONOTONIC, &monotonic);
		if (error == ETIMEDOUT)
			error = 0;
	}
	open_for--;
	pthread_mutex_unlock(&mutex);
	return (void *)error;
}

static void meetings(const char *wait, enum how how, int threads, int broadcast)
{
	pthread_t thread[4];

	open_for = waiters = 0;
	for (int i = 0; i < threads; i++)
		if (pthread_create(&thread[i], NULL, pass, (void *)(long)how))
			abort();
	pthread_mutex_lock(&mutex);
	while (waiters < threads)
		pthread_cond_wait(&waiting, &mutex);
	open_for = threads;
	if (broadcast)
		GIVES(pthread_cond_broadcast(&cond));
	for (int i = 0; !broadcast && i < threads; i++)
		GIVES(pthread_cond_signal(&cond));
	pthread_mutex_unlock(&mutex);
	for (int i = 0; i < threads; i++) {
		void *value = NULL;

		pthread_join(thread[i], &value);
		gives(wait, (long)value);
	}
}

static void timeouts(clockid_t clock)
{
	const struct timespec before_epoch = { -1, 0 }, negative = { 1, -1 };
	pthread_condattr_t attr;
	pthread_cond_t c;
	pthread_mutex_t m = PTHREAD_ERRORCHECK_MUTEX_INITIALIZER_NP;
	struct timespec soon;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, clock);
	pthread_condattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	GIVES(pthread_cond_init(&c, &attr));
	pthread_condattr_destroy(&attr);
	GIVES(pthread_cond_signal(&c));
	GIVES(pthread_cond_broadcast(&c));
	pthread_mutex_lock(&m);
	GIVES(pthread_cond_timedwait(&c, &m, &past));
	GIVES(pthread_cond_timedwait(&c, &m, &invalid));
	GIVES(pthread_cond_timedwait(&c, &m, &negative));
	GIVES(pthread_cond_timedwait(&c, &m, &before_epoch));
	soon = from_now(clock, 20);
	GIVES(pthread_cond_timedwait(&c, &m, &soon));
	with(", late enough %d", elapsed(clock, &soon, 0));
	GIVES(pthread_cond_clockwait(&c, &m, clock, &past));
	GIVES(pthread_cond_clockwait(&c, &m, clock, &invalid));
	GIVES(pthread_cond_clockwait(&c, &m, CLOCK_PROCESS_CPUTIME_ID, &past));
	GIVES(pthread_cond_clockwait(&c, &m, 77, &past));
	soon = from_now(CLOCK_REALTIME, 20);
	GIVES(pthread_cond_clockwait(&c, &m, CLOCK_REALTIME, &soon));
	with(", late enough %d", elapsed(CLOCK_REALTIME, &soon, 0));
	soon = from_now(CLOCK_MONOTONIC, 20);
	GIVES(pthread_cond_clockwait(&c, &m, CLOCK_MONOTONIC, &soon));
	with(", late enough %d", elapsed(CLOCK_MONOTONIC, &soon, 0));
	with(", mutex held %d", pthread_mutex_unlock(&m) == 0);
	/* The mutex is not held: this kind of mutex says so. */
	GIVES(pthread_cond_wait(&c, &m));
	GIVES(pthread_cond_timedwait(&c, &m, &past));
	GIVES(pthread_cond_clockwait(&c, &m, CLOCK_MONOTONIC, &past));
	GIVES(pthread_cond_destroy(&c));
}

static void *dies_with_it(void *m)
{
	pthread_mutex_lock(m);
	return NULL;
}

/* A wait returns with the mutex, and with what the mutex says. */
static void robust(void)
{
	pthread_mutexattr_t attr;
	pthread_mutex_t m;
	pthread_cond_t c;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(&m, &attr);
	pthread_mutexattr_destroy(&attr);
	GIVES(pthread_cond_init(&c, NULL));
	in_thread(dies_with_it, &m);
	with(", lock %s", error_name(pthread_mutex_lock(&m)));
	GIVES(pthread_cond_timedwait(&c, &m, &past)); /* unlocks it inconsistent */
	GIVES(pthread_cond_destroy(&c));
	pthread_mutex_destroy(&m);
}

static void recursive(void)
{
	pthread_mutex_t m = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
	pthread_cond_t c = PTHREAD_COND_INITIALIZER;

	GIVES(pthread_cond_init(&c, NULL));
	pthread_mutex_lock(&m);
	GIVES(pthread_cond_timedwait(&c, &m, &past));
	with(", unlock %s", error_name(pthread_mutex_unlock(&m)));
	with(", unlock %s", error_name(pthread_mutex_unlock(&m)));
	GIVES(pthread_cond_wait(&c, &m));
	GIVES(pthread_cond_destroy(&c));
	GIVES(pthread_cond_init(&c, NULL));
	GIVES(pthread_cond_destroy(&c));
}

void conditions(void)
{
	timeouts(CLOCK_REALTIME);
	timeouts(CLOCK_MONOTONIC);
	robust();
	recursive();
	meetings("pthread_cond_wait(until signalled)", PLAIN, 1, 0);
	meetings("pthread_cond_wait(until signalled)", PLAIN, 3, 0);
	meetings("pthread_cond_wait(until broadcast)", PLAIN, 4, 1);
	meetings("pthread_cond_timedwait(until signalled)", TIMED, 2, 0);
	meetings("pthread_cond_timedwait(until broadcast)", TIMED, 3, 1);
	meetings("pthread_cond_clockwait(until signalled)", CLOCKED, 2, 0);
	meetings("pthread_cond_clockwait(until broadcast)", CLOCKED, 3, 1);
}
