/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trylock returns at once, with the lock or without. The caller remembers which, so that it unlocks
 * only what it locked, and goes ahead in both cases.
 */
#include "jostle.h"

#include <stdio.h>

struct jostle_state {
	pthread_mutex_t lock;
	int orders; /* guarded by lock */
	int turned_away[2];
};

static void order(struct jostle_state *s)
{
	int locked = pthread_mutex_trylock(&s->lock) == 0;

	s->orders += 1; /* RACE: with the lock or without */
	if (locked)
		pthread_mutex_unlock(&s->lock);
}

static void order_or_not(struct jostle_state *s, int who)
{
	if (pthread_mutex_trylock(&s->lock)) {
		s->turned_away[who] = 1;
		return;
	}
	s->orders += 1;
	pthread_mutex_unlock(&s->lock);
}

static void order_1(struct jostle_state *s)
{
	order_or_not(s, 0);
}

static void order_2(struct jostle_state *s)
{
	order_or_not(s, 1);
}

static int setup(struct jostle_state *s)
{
	return pthread_mutex_init(&s->lock, NULL);
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d", s->orders + s->turned_away[0] + s->turned_away[1]);
}

static void teardown(struct jostle_state *s)
{
	pthread_mutex_destroy(&s->lock);
}

JOSTLE_CASE(broken) = {
	.title = "The work is done whether trylock got the lock or not",
	.tags = "mutex trylock lost-update",
	.why = "A try that failed is the answer \"somebody is inside\". To go in all the same is "
	       "to have no lock, in just the runs where it was needed.",
	.ref = "POSIX.1-2017, pthread_mutex_trylock(): EBUSY",
	.expect = JOSTLE_RACE,
	.also = JOSTLE_ALSO(JOSTLE_OUTCOME),
	.needs = JOSTLE_NEEDS_ACCESSES,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "waiter 1", order }, { "waiter 2", order } },
	.outcomes = { { "2", JOSTLE_ALLOWED, "both orders stand" },
		      { "1", JOSTLE_FORBIDDEN, "an order is lost" } },
};

JOSTLE_CASE(fixed) = {
	.title = "Who does not get the lock does something else",
	.tags = "mutex trylock",
	.why = "The order is turned away and counted as such, in a place of one's own.",
	.ref = "POSIX.1-2017, pthread_mutex_trylock(): EBUSY",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "waiter 1", order_1 }, { "waiter 2", order_2 } },
	.outcomes = { { "2", JOSTLE_ALLOWED, "placed or turned away" } },
};
