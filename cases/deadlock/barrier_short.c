/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A barrier was made for three. A thread that finds no work left thinks that it is not needed and
 * goes home; the other two wait for it for ever.
 */
#include "jostle.h"

#define PARTIES 3
#define ITEMS   2

struct jostle_state {
	pthread_mutex_t lock;
	pthread_barrier_t all_done;
	int taken;
};

static int take_item(struct jostle_state *s)
{
	int found;

	pthread_mutex_lock(&s->lock);
	found = s->taken < ITEMS;
	s->taken += found;
	pthread_mutex_unlock(&s->lock);
	return found;
}

static void work(struct jostle_state *s)
{
	if (!take_item(s))
		return;
	pthread_barrier_wait(&s->all_done); /* DEADLOCK: one party went home */
}

static void work_or_not(struct jostle_state *s)
{
	take_item(s);
	pthread_barrier_wait(&s->all_done);
}

static int setup(struct jostle_state *s)
{
	int error = pthread_mutex_init(&s->lock, NULL);

	return error ? error : pthread_barrier_init(&s->all_done, NULL, PARTIES);
}

static void teardown(struct jostle_state *s)
{
	pthread_barrier_destroy(&s->all_done);
	pthread_mutex_destroy(&s->lock);
}

JOSTLE_CASE(broken) = {
	.title = "A thread without work skips the barrier",
	.tags = "barrier",
	.why = "A barrier counts arrivals, not work. It opens when as many threads came as it "
	       "was made for, and one of them never comes.",
	.ref = "POSIX.1-2017, pthread_barrier_wait()",
	.expect = JOSTLE_DEADLOCK,
	.cause = "barrier",
	.setup = setup,
	.teardown = teardown,
	.threads = { { "work 1", work }, { "work 2", work }, { "work 3", work } },
};

JOSTLE_CASE(fixed) = {
	.title = "Every party comes to the barrier, with work or without",
	.tags = "barrier",
	.why = "Who has nothing to do still says that it is done.",
	.ref = "POSIX.1-2017, pthread_barrier_wait()",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.teardown = teardown,
	.threads = { { "work 1", work_or_not },
		     { "work 2", work_or_not },
		     { "work 3", work_or_not } },
};
