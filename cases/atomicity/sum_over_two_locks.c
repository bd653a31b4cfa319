/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every account has its own lock. An auditor locks the first and reads it, locks the second and
 * reads it, and adds up. A transfer that runs between the two is counted on neither side, or on
 * both.
 */
#include "jostle.h"

#include <stdio.h>

struct account {
	pthread_mutex_t lock;
	int money; /* guarded by lock */
};

struct jostle_state {
	struct account a, b;
	int total;
};

/* Both locks, always a's before b's. */
static void transfer(struct jostle_state *s)
{
	pthread_mutex_lock(&s->a.lock);
	pthread_mutex_lock(&s->b.lock);
	s->b.money -= 30;
	s->a.money += 30;
	pthread_mutex_unlock(&s->b.lock);
	pthread_mutex_unlock(&s->a.lock);
}

static int read_account(struct account *account)
{
	int money;

	pthread_mutex_lock(&account->lock);
	money = account->money;
	pthread_mutex_unlock(&account->lock);
	return money;
}

static void audit(struct jostle_state *s)
{
	s->total = read_account(&s->a);
	s->total += read_account(&s->b); /* OUTCOME: of another time than the first */
}

static void audit_at_once(struct jostle_state *s)
{
	pthread_mutex_lock(&s->a.lock);
	pthread_mutex_lock(&s->b.lock);
	s->total = s->a.money + s->b.money;
	pthread_mutex_unlock(&s->b.lock);
	pthread_mutex_unlock(&s->a.lock);
}

static int setup(struct jostle_state *s)
{
	int error = pthread_mutex_init(&s->a.lock, NULL);

	s->a.money = s->b.money = 100;
	return error ? error : pthread_mutex_init(&s->b.lock, NULL);
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d", s->total);
}

static void teardown(struct jostle_state *s)
{
	pthread_mutex_destroy(&s->b.lock);
	pthread_mutex_destroy(&s->a.lock);
}

JOSTLE_CASE(broken) = {
	.title = "A sum over two accounts, read one after the other",
	.tags = "mutex invariant snapshot",
	.why = "Each number was right when it was read. They were read at two different times, "
	       "and their sum belongs to neither.",
	.ref = "Artho, Havelund, Biere: High-Level Data Races, STVR 13(4), 2003",
	.expect = JOSTLE_OUTCOME,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "transfer", transfer }, { "audit", audit } },
	.outcomes = { { "200", JOSTLE_ALLOWED, "all the money" },
		      { "170", JOSTLE_FORBIDDEN, "30 on neither side" } },
};

JOSTLE_CASE(fixed) = {
	.title = "All locks are held while the sum is made",
	.tags = "mutex invariant snapshot",
	.why = "With both locks held nothing moves. All take the locks in one order.",
	.ref = "Artho, Havelund, Biere: High-Level Data Races, STVR 13(4), 2003",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "transfer", transfer }, { "audit", audit_at_once } },
	.outcomes = { { "200", JOSTLE_ALLOWED, "all the money" } },
};
