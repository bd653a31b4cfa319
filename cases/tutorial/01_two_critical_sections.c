/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lesson 1: a lock protects what happens while it is held, and nothing in between.
 *
 * Every access to the balance below is locked, so no race detector complains. But the amount that
 * is written was computed from what was read one lock earlier, and the other thread may have come
 * by. Both read 100; the later writer wins, and the other's money is gone.
 */
#include "jostle.h"

#include <stdio.h>

struct jostle_state {
	pthread_mutex_t lock;
	long balance;
};

static long balance_read(struct jostle_state *s)
{
	long balance;

	pthread_mutex_lock(&s->lock);
	balance = s->balance;
	pthread_mutex_unlock(&s->lock);
	return balance;
}

static void balance_write(struct jostle_state *s, long balance)
{
	pthread_mutex_lock(&s->lock);
	s->balance = balance; /* OUTCOME: what it was computed from may be out of date */
	pthread_mutex_unlock(&s->lock);
}

static void deposit(struct jostle_state *s)
{
	balance_write(s, balance_read(s) + 10);
}

static void withdraw(struct jostle_state *s)
{
	balance_write(s, balance_read(s) - 20);
}

/* One critical section from the read to the write. */
static void balance_add(struct jostle_state *s, long amount)
{
	pthread_mutex_lock(&s->lock);
	s->balance += amount;
	pthread_mutex_unlock(&s->lock);
}

static void deposit_at_once(struct jostle_state *s)
{
	balance_add(s, 10);
}

static void withdraw_at_once(struct jostle_state *s)
{
	balance_add(s, -20);
}

static int setup(struct jostle_state *s)
{
	s->balance = 100;
	return pthread_mutex_init(&s->lock, NULL);
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%ld", s->balance);
}

static void teardown(struct jostle_state *s)
{
	pthread_mutex_destroy(&s->lock);
}

JOSTLE_CASE(broken) = {
	.title = "Read in one critical section, written in the next: an update is lost",
	.tags = "tutorial atomicity mutex",
	.why = "Locking each access makes each access safe, not the pair of them. Between the "
	       "two critical sections the other thread changes the balance, and that change is "
	       "overwritten.",
	.ref = "Lu, Park, Seo, Zhou: Learning from Mistakes, ASPLOS 2008, section 3.1",
	.expect = JOSTLE_OUTCOME,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "deposit", deposit }, { "withdraw", withdraw } },
	.outcomes = { { "90", JOSTLE_ALLOWED, "both applied" },
		      { "110", JOSTLE_FORBIDDEN, "the withdrawal is lost" },
		      { "80", JOSTLE_FORBIDDEN, "the deposit is lost" } },
};

JOSTLE_CASE(fixed) = {
	.title = "Read and written in one critical section",
	.tags = "tutorial atomicity mutex",
	.why = "Nobody can come between the read and the write, in whatever order the two "
	       "threads get the lock.",
	.ref = "Lu, Park, Seo, Zhou: Learning from Mistakes, ASPLOS 2008, section 3.1",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "deposit", deposit_at_once }, { "withdraw", withdraw_at_once } },
	.outcomes = { { "90", JOSTLE_ALLOWED, "both applied" } },
};
