/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two transfers between the same two accounts, in opposite directions. Each locks the account that
 * it takes from, then the one that it gives to. When both hold their first lock, each waits for the
 * other's, and nobody ever lets go.
 */
#include "jostle.h"

struct account {
	pthread_mutex_t lock;
	long balance;
};

struct jostle_state {
	struct account alice, bob;
};

static void transfer(struct account *from, struct account *to, long amount)
{
	pthread_mutex_lock(&from->lock); /* SEE: the first account is held from here */
	pthread_mutex_lock(&to->lock);   /* DEADLOCK: the other transfer holds this one */
	from->balance -= amount;
	to->balance += amount;
	pthread_mutex_unlock(&to->lock);
	pthread_mutex_unlock(&from->lock);
}

static void alice_to_bob(struct jostle_state *s)
{
	transfer(&s->alice, &s->bob, 10);
}

static void bob_to_alice(struct jostle_state *s)
{
	transfer(&s->bob, &s->alice, 20);
}

/* The same order for everybody: here by address, which each pair of accounts has. */
static void transfer_in_order(struct account *from, struct account *to, long amount)
{
	struct account *first = from < to ? from : to;
	struct account *second = from < to ? to : from;

	pthread_mutex_lock(&first->lock);
	pthread_mutex_lock(&second->lock);
	from->balance -= amount;
	to->balance += amount;
	pthread_mutex_unlock(&second->lock);
	pthread_mutex_unlock(&first->lock);
}

static void alice_to_bob_in_order(struct jostle_state *s)
{
	transfer_in_order(&s->alice, &s->bob, 10);
}

static void bob_to_alice_in_order(struct jostle_state *s)
{
	transfer_in_order(&s->bob, &s->alice, 20);
}

static int setup(struct jostle_state *s)
{
	int error = pthread_mutex_init(&s->alice.lock, NULL);

	s->alice.balance = s->bob.balance = 100;
	return error ? error : pthread_mutex_init(&s->bob.lock, NULL);
}

static void teardown(struct jostle_state *s)
{
	pthread_mutex_destroy(&s->alice.lock);
	pthread_mutex_destroy(&s->bob.lock);
}

JOSTLE_CASE(broken) = {
	.title = "Two threads take the same two locks in opposite order",
	.tags = "mutex",
	.why = "Each thread holds one lock and waits for the other's. It needs the switch to "
	       "fall between two adjacent lines, so that tests pass for years.",
	.ref = "Coffman, Elphick, Shoshani: System Deadlocks, ACM Computing Surveys 3(2), 1971",
	.expect = JOSTLE_DEADLOCK,
	.cause = "lock-cycle",
	.setup = setup,
	.teardown = teardown,
	.threads = { { "alice to bob", alice_to_bob }, { "bob to alice", bob_to_alice } },
};

JOSTLE_CASE(fixed) = {
	.title = "Everybody takes the two locks in one order",
	.tags = "mutex",
	.why = "With a total order over all locks no cycle of waiters can close: whoever holds "
	       "the highest lock of all waits for nobody.",
	.ref = "Coffman, Elphick, Shoshani: System Deadlocks, ACM Computing Surveys 3(2), 1971",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.teardown = teardown,
	.threads = { { "alice to bob", alice_to_bob_in_order },
		     { "bob to alice", bob_to_alice_in_order } },
};
