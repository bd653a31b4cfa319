/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lesson 2: starting a thread is not calling a function. When pthread_create() returns, the new
 * thread may have finished, or not yet begun. Only pthread_join() says that it is done.
 */
#include "jostle.h"

#include <stdio.h>

struct jostle_state {
	pthread_mutex_t lock;
	long sum;
	long printed;
};

static long sum_read(struct jostle_state *s)
{
	long sum;

	pthread_mutex_lock(&s->lock);
	sum = s->sum;
	pthread_mutex_unlock(&s->lock);
	return sum;
}

static void *add_up(void *arg)
{
	struct jostle_state *s = arg;

	for (long i = 1; i <= 3; i++) {
		pthread_mutex_lock(&s->lock);
		s->sum += i;
		pthread_mutex_unlock(&s->lock);
	}
	return NULL;
}

static void read_then_join(struct jostle_state *s)
{
	pthread_t worker;

	if (pthread_create(&worker, NULL, add_up, s))
		return;
	s->printed = sum_read(s); /* OUTCOME: the worker may not have finished */
	pthread_join(worker, NULL);
}

static void join_then_read(struct jostle_state *s)
{
	pthread_t worker;

	if (pthread_create(&worker, NULL, add_up, s))
		return;
	pthread_join(worker, NULL);
	s->printed = sum_read(s);
}

static int setup(struct jostle_state *s)
{
	return pthread_mutex_init(&s->lock, NULL);
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%ld", s->printed);
}

static void teardown(struct jostle_state *s)
{
	pthread_mutex_destroy(&s->lock);
}

JOSTLE_CASE(broken) = {
	.title = "A result is used before the thread that computes it was joined",
	.tags = "tutorial order join",
	.why = "The lock keeps the two threads from touching the sum at the same moment. It does "
	       "not make one of them wait until the other is done, and the sum is read half-way.",
	.ref = "POSIX.1-2017, pthread_create() and pthread_join()",
	.expect = JOSTLE_OUTCOME,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.body = read_then_join,
	.outcomes = { { "6", JOSTLE_ALLOWED, "the worker was done" },
		      { "0", JOSTLE_FORBIDDEN, "the worker had not begun" },
		      { "1", JOSTLE_FORBIDDEN, "the worker was on its way" },
		      { "3", JOSTLE_FORBIDDEN, "the worker was on its way" } },
};

JOSTLE_CASE(fixed) = {
	.title = "The thread is joined first, then its result is used",
	.tags = "tutorial order join",
	.why = "What a thread did before it ended happens before pthread_join() returns.",
	.ref = "POSIX.1-2017, pthread_join(); 4.12 Memory Synchronization",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.body = join_then_read,
	.outcomes = { { "6", JOSTLE_ALLOWED, "the worker was done" } },
};
