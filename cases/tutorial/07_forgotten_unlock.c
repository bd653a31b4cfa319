/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lesson 7: each way out of a critical section must unlock, the rare ones too. Here the customer
 * who finds too little money leaves and takes the key along.
 */
#include "jostle.h"

struct jostle_state {
	pthread_mutex_t lock;
	long balance;
	long stated;
};

static void withdraw(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock); /* SEE: who returns early never unlocks this */
	if (s->balance < 80)
		return;
	s->balance -= 80;
	pthread_mutex_unlock(&s->lock);
}

static void state_balance(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock); /* DEADLOCK: the owner is gone */
	s->stated = s->balance;
	pthread_mutex_unlock(&s->lock);
}

static void withdraw_one_exit(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	if (s->balance >= 80)
		s->balance -= 80;
	pthread_mutex_unlock(&s->lock);
}

static int setup(struct jostle_state *s)
{
	s->balance = 100;
	return pthread_mutex_init(&s->lock, NULL);
}

static void teardown(struct jostle_state *s)
{
	pthread_mutex_destroy(&s->lock);
}

JOSTLE_CASE(broken) = {
	.title = "An early return forgets to unlock",
	.tags = "tutorial deadlock mutex",
	.why = "The second withdrawal finds 20, returns early, and its thread ends as the owner "
	       "of the lock. Whoever comes next waits for somebody who no longer exists.",
	.ref = "POSIX.1-2017, pthread_mutex_lock(); CWE-667: Improper Locking",
	.expect = JOSTLE_DEADLOCK,
	.cause = "owner-exited",
	.setup = setup, /* no teardown: the lock may still be held */
	.threads = { { "withdraw 1", withdraw },
		     { "withdraw 2", withdraw },
		     { "statement", state_balance } },
};

JOSTLE_CASE(fixed) = {
	.title = "One way out, and it unlocks",
	.tags = "tutorial deadlock mutex",
	.why = "With the test turned around there is a single path through the function. In "
	       "longer ones a goto to a common unlock serves the same end.",
	.ref = "CWE-667: Improper Locking",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.teardown = teardown,
	.threads = { { "withdraw 1", withdraw_one_exit },
		     { "withdraw 2", withdraw_one_exit },
		     { "statement", state_balance } },
};
