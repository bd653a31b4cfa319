/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The shop closes: the flag is set, the bell is taken down, and whoever waited for the bell is
 * still there. To destroy a condition that threads wait on is undefined; glibc waits for them to
 * leave.
 */
#include "jostle.h"

#include <time.h>

struct jostle_state {
	pthread_mutex_t lock;
	pthread_cond_t bell;
	int closed;
};

static struct timespec in_ten_ms(void)
{
	struct timespec time;

	clock_gettime(CLOCK_REALTIME, &time);
	time.tv_nsec += 10 * 1000 * 1000;
	time.tv_sec += time.tv_nsec / 1000000000;
	time.tv_nsec %= 1000000000;
	return time;
}

static void customer(struct jostle_state *s)
{
	struct timespec deadline = in_ten_ms();

	pthread_mutex_lock(&s->lock);
	if (!s->closed)
		pthread_cond_timedwait(&s->bell, &s->lock, &deadline); /* SEE: waits here */
	pthread_mutex_unlock(&s->lock);
}

static void keeper(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	s->closed = 1;
	pthread_mutex_unlock(&s->lock);
	pthread_cond_destroy(&s->bell); /* MISUSE: the customer may be waiting for it */
}

static void keeper_who_rings(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	s->closed = 1;
	pthread_cond_broadcast(&s->bell);
	pthread_mutex_unlock(&s->lock);
}

static int setup(struct jostle_state *s)
{
	int error = pthread_mutex_init(&s->lock, NULL);

	return error ? error : pthread_cond_init(&s->bell, NULL);
}

static void teardown_lock(struct jostle_state *s)
{
	pthread_mutex_destroy(&s->lock);
}

/* After the last join nobody can be waiting. */
static void teardown(struct jostle_state *s)
{
	pthread_cond_destroy(&s->bell);
	pthread_mutex_destroy(&s->lock);
}

JOSTLE_CASE(broken) = {
	.title = "A condition is destroyed while a thread waits on it",
	.tags = "condition destroy",
	.why = "Setting the flag wakes nobody. The customer still waits on the condition when it "
	       "is destroyed, which is undefined: some systems return EBUSY, some crash, some "
	       "block.",
	.ref = "POSIX.1-2017, pthread_cond_destroy()",
	.expect = JOSTLE_MISUSE,
	.cause = "destroy-waited",
	.setup = setup,
	.teardown = teardown_lock,
	.threads = { { "customer", customer }, { "keeper", keeper } },
};

JOSTLE_CASE(fixed) = {
	.title = "All waiters are woken and joined before the condition is destroyed",
	.tags = "condition destroy",
	.why = "The broadcast wakes whoever waits, and whoever comes later sees the flag. POSIX "
	       "permits to destroy the condition right after the broadcast; after the join "
	       "nobody has to know that.",
	.ref = "POSIX.1-2017, pthread_cond_destroy()",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.teardown = teardown,
	.threads = { { "customer", customer }, { "keeper", keeper_who_rings } },
};
