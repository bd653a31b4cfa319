/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Waits with a time limit: those that succeed order like the others, those that give up order
 * nothing, but for the condition, which returns with its lock held in both cases.
 */
#include "jostle.h"

#include <errno.h>
#include <semaphore.h>
#include <stdio.h>
#include <time.h>

struct jostle_state {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	sem_t full;
	int data;
	int seen;
};

static struct timespec soon(void)
{
	struct timespec limit;

	clock_gettime(CLOCK_REALTIME, &limit);
	limit.tv_nsec += 1000000;
	if (limit.tv_nsec >= 1000000000) {
		limit.tv_nsec -= 1000000000;
		limit.tv_sec++;
	}
	return limit;
}

static void give_semaphore(struct jostle_state *s)
{
	s->data = 7;
	sem_post(&s->full);
}

static void take_semaphore(struct jostle_state *s)
{
	const struct timespec limit = soon();

	s->seen = sem_timedwait(&s->full, &limit) ? 7 : s->data;
}

static void give_locked(struct jostle_state *s)
{
	const struct timespec limit = soon();

	if (pthread_mutex_timedlock(&s->lock, &limit))
		return;
	s->data = 7;
	pthread_cond_signal(&s->changed);
	pthread_mutex_unlock(&s->lock);
}

static void take_locked(struct jostle_state *s)
{
	const struct timespec limit = soon();
	int error = 0;

	pthread_mutex_lock(&s->lock);
	while (!s->data && !error)
		error = pthread_cond_timedwait(&s->changed, &s->lock, &limit);
	s->seen = s->data ? s->data : 7;
	pthread_mutex_unlock(&s->lock);
}

static int setup(struct jostle_state *s)
{
	int error = sem_init(&s->full, 0, 0) ? errno : 0;

	error = error ? error : pthread_mutex_init(&s->lock, NULL);
	return error ? error : pthread_cond_init(&s->changed, NULL);
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d", s->seen);
}

static void teardown(struct jostle_state *s)
{
	pthread_cond_destroy(&s->changed);
	pthread_mutex_destroy(&s->lock);
	sem_destroy(&s->full);
}

#define COMMON                                                                           \
	.expect = JOSTLE_PASS, .setup = setup, .observe = observe, .teardown = teardown, \
	.outcomes = { { "7", JOSTLE_ALLOWED, "what was given, or nothing in time" } }

JOSTLE_CASE(semaphore) = {
	.title = "A semaphore is waited for with a time limit",
	.tags = "clean semaphore time",
	.why = "After a time-out nothing is read.",
	.ref = "POSIX.1-2017, sem_timedwait()",
	.threads = { { "give", give_semaphore }, { "take", take_semaphore } },
	COMMON,
};

JOSTLE_CASE(condition) = {
	.title = "A condition is waited for with a time limit",
	.tags = "clean condition mutex time",
	.why = "A time-out is no reason to touch anything without the lock, and it is held.",
	.ref = "POSIX.1-2017, pthread_cond_timedwait()",
	.opt_in = JOSTLE_SPURIOUS,
	.threads = { { "give", give_locked }, { "take", take_locked } },
	COMMON,
};
