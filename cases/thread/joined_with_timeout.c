/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A join with a timeout returns for two reasons: the thread ended, or the time is up. Whoever does
 * not look at which one it was uses a result that is not there.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "jostle.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

struct jostle_state {
	pthread_mutex_t lock;
	int result, printed; /* guarded by lock */
};

static void *compute(void *arg)
{
	struct jostle_state *s = arg;

	for (int i = 0; i < 3; i++) { /* three steps of a long computation */
		pthread_mutex_lock(&s->lock);
		s->result += 14;
		pthread_mutex_unlock(&s->lock);
		usleep(1000);
	}
	return NULL;
}

static int join_within_half_a_second(pthread_t thread)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += 500000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	return pthread_timedjoin_np(thread, NULL, &until);
}

static void print(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	s->printed = s->result; /* OUTCOME: the time was up, and the thread was not done */
	pthread_mutex_unlock(&s->lock);
}

static void use_whatever_is_there(struct jostle_state *s)
{
	pthread_t thread;
	int late;

	if (pthread_create(&thread, NULL, compute, s))
		return;
	late = join_within_half_a_second(thread);
	print(s);
	if (late)
		pthread_join(thread, NULL);
}

static void use_what_is_done(struct jostle_state *s)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, compute, s))
		return;
	if (join_within_half_a_second(thread))
		pthread_join(thread, NULL);
	print(s);
}

static int setup(struct jostle_state *s)
{
	return pthread_mutex_init(&s->lock, NULL);
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%s", s->printed == 42 ? "42" : "unfinished");
}

static void teardown(struct jostle_state *s)
{
	pthread_mutex_destroy(&s->lock);
}

JOSTLE_CASE(broken) = {
	.title = "A join with a timeout, whose result is used in both cases",
	.tags = "join timeout order",
	.why = "ETIMEDOUT means that the thread still runs. On a quiet machine that never "
	       "happens, and on a busy one the result is half a result.",
	.ref = "pthread_timedjoin_np(3): ETIMEDOUT",
	.expect = JOSTLE_OUTCOME,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.body = use_whatever_is_there,
	.outcomes = { { "42", JOSTLE_ALLOWED, "the thread was done in time" },
		      { "unfinished", JOSTLE_FORBIDDEN, "the time was up first" } },
};

JOSTLE_CASE(fixed) = {
	.title = "When the time is up, the join is done without one",
	.tags = "join timeout order",
	.why = "The timeout is for saying that it takes long, not for believing that it is done.",
	.ref = "pthread_timedjoin_np(3): ETIMEDOUT",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.body = use_what_is_done,
	.outcomes = { { "42", JOSTLE_ALLOWED, "the thread was joined" } },
};
