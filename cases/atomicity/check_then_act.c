/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Enough money? Then pay. Without any lock this is two bugs in one: a data race, which a race
 * detector finds, and a check that is out of date when it is acted upon, which stays when each
 * access gets a lock of its own.
 */
#include "jostle.h"

#include <stdio.h>

struct jostle_state {
	pthread_mutex_t lock;
	int money; /* guarded by lock */
};

static void pay(struct jostle_state *s)
{
	if (s->money >= 60)     /* RACE: the check */
		s->money -= 60; /* RACE: the act */
}

static int money_read(struct jostle_state *s)
{
	int money;

	pthread_mutex_lock(&s->lock);
	money = s->money;
	pthread_mutex_unlock(&s->lock);
	return money;
}

static void money_take(struct jostle_state *s, int amount)
{
	pthread_mutex_lock(&s->lock);
	s->money -= amount; /* OUTCOME: of what is no longer there */
	pthread_mutex_unlock(&s->lock);
}

static void pay_each_locked(struct jostle_state *s)
{
	if (money_read(s) >= 60)
		money_take(s, 60);
}

static void pay_locked(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	if (s->money >= 60)
		s->money -= 60;
	pthread_mutex_unlock(&s->lock);
}

static int setup(struct jostle_state *s)
{
	s->money = 100;
	return pthread_mutex_init(&s->lock, NULL);
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d", s->money);
}

static void teardown(struct jostle_state *s)
{
	pthread_mutex_destroy(&s->lock);
}

JOSTLE_CASE(broken) = {
	.title = "Checked and paid without a lock",
	.tags = "check-then-act lost-update",
	.why = "Both see 100 and both pay. Or both compute 40 from 100, and one payment is for "
	       "nothing.",
	.ref = "CWE-367: Time-of-check Time-of-use Race Condition",
	.expect = JOSTLE_RACE,
	.also = JOSTLE_ALSO(JOSTLE_OUTCOME),
	.needs = JOSTLE_NEEDS_ACCESSES,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "rent", pay }, { "food", pay } },
	.outcomes = { { "40", JOSTLE_ALLOWED, "one could pay, or both and it does not show" },
		      { "-20", JOSTLE_FORBIDDEN, "both paid" } },
};

JOSTLE_CASE(broken_locked) = {
	.title = "Checked with the lock, and paid with the lock",
	.tags = "check-then-act mutex",
	.why = "The race report is gone: every access is locked. The check is still out of date "
	       "when the payment is made.",
	.ref = "Flanagan, Freund: Atomizer, POPL 2004: atomicity is not freedom from races",
	.expect = JOSTLE_OUTCOME,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "rent", pay_each_locked }, { "food", pay_each_locked } },
	.outcomes = { { "40", JOSTLE_ALLOWED, "one could pay" },
		      { "-20", JOSTLE_FORBIDDEN, "both paid" } },
};

JOSTLE_CASE(fixed) = {
	.title = "Checked and paid in one critical section",
	.tags = "mutex",
	.why = "What was true when the lock was taken stays true until it is released.",
	.ref = "CWE-367: Time-of-check Time-of-use Race Condition",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "rent", pay_locked }, { "food", pay_locked } },
	.outcomes = { { "40", JOSTLE_ALLOWED, "one could pay" } },
};
