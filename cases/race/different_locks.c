/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every access is locked, and still there is a race: sales take the lock of the till, deliveries
 * the lock of the storeroom. A lock keeps out only those who take the same lock.
 */
#include "jostle.h"

#include <stdio.h>

struct jostle_state {
	pthread_mutex_t till, storeroom;
	int stock; /* guarded by storeroom */
};

static void deliver(struct jostle_state *s)
{
	pthread_mutex_lock(&s->storeroom);
	s->stock += 10; /* RACE: with the storeroom locked */
	pthread_mutex_unlock(&s->storeroom);
}

static void sell(struct jostle_state *s)
{
	pthread_mutex_lock(&s->till);
	s->stock -= 1; /* RACE: with the till locked */
	pthread_mutex_unlock(&s->till);
}

static void sell_from_storeroom(struct jostle_state *s)
{
	pthread_mutex_lock(&s->till);
	pthread_mutex_lock(&s->storeroom);
	s->stock -= 1;
	pthread_mutex_unlock(&s->storeroom);
	pthread_mutex_unlock(&s->till);
}

static int setup(struct jostle_state *s)
{
	int error = pthread_mutex_init(&s->till, NULL);

	s->stock = 5;
	return error ? error : pthread_mutex_init(&s->storeroom, NULL);
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d", s->stock);
}

static void teardown(struct jostle_state *s)
{
	pthread_mutex_destroy(&s->storeroom);
	pthread_mutex_destroy(&s->till);
}

JOSTLE_CASE(broken) = {
	.title = "One variable, guarded by two different locks",
	.tags = "mutex lost-update",
	.why = "Both threads hold a lock, so that both look right on their own. But the two "
	       "locks have nothing to do with each other, and both threads are inside at once.",
	.ref = "Savage and others: Eraser, ACM TOCS 15(4), 1997: the lockset of a variable",
	.expect = JOSTLE_RACE,
	.also = JOSTLE_ALSO(JOSTLE_OUTCOME),
	.needs = JOSTLE_NEEDS_ACCESSES,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "deliver", deliver }, { "sell", sell } },
	.outcomes = { { "14", JOSTLE_ALLOWED, "both applied" },
		      { "15", JOSTLE_FORBIDDEN, "the sale is lost" },
		      { "4", JOSTLE_FORBIDDEN, "the delivery is lost" } },
};

JOSTLE_CASE(fixed) = {
	.title = "The stock has one lock, and everybody takes it",
	.tags = "mutex",
	.why = "Which other locks a thread holds does not matter. One of them must be the one "
	       "that guards the variable.",
	.ref = "Savage and others: Eraser, ACM TOCS 15(4), 1997: the lockset of a variable",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "deliver", deliver }, { "sell", sell_from_storeroom } },
	.outcomes = { { "14", JOSTLE_ALLOWED, "both applied" } },
};
