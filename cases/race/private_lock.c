/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lock is a local variable. Each caller makes one, locks it, and meets nobody: a lock that
 * only one thread knows keeps nobody out. It looks like locking, down to the unlock.
 */
#include "jostle.h"

#include <stdio.h>

struct jostle_state {
	pthread_mutex_t lock;
	int votes;
};

static void vote(struct jostle_state *s)
{
	pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* a new one for each call */

	pthread_mutex_lock(&lock);
	s->votes += 1; /* RACE: each thread holds a lock of its own */
	pthread_mutex_unlock(&lock);
	pthread_mutex_destroy(&lock);
}

static void vote_with_common_lock(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	s->votes += 1;
	pthread_mutex_unlock(&s->lock);
}

static int setup(struct jostle_state *s)
{
	return pthread_mutex_init(&s->lock, NULL);
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d", s->votes);
}

static void teardown(struct jostle_state *s)
{
	pthread_mutex_destroy(&s->lock);
}

JOSTLE_CASE(broken) = {
	.title = "Each thread locks a mutex on its own stack",
	.tags = "mutex lost-update",
	.why = "A mutex excludes the threads that lock the same object. Two locals of the same "
	       "name in two threads are two objects.",
	.ref = "C11 6.2.4 paragraph 5: a new object for each entry of the block",
	.expect = JOSTLE_RACE,
	.also = JOSTLE_ALSO(JOSTLE_OUTCOME),
	.needs = JOSTLE_NEEDS_ACCESSES,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "voter 1", vote }, { "voter 2", vote } },
	.outcomes = { { "2", JOSTLE_ALLOWED, "both votes count" },
		      { "1", JOSTLE_FORBIDDEN, "a vote is lost" } },
};

JOSTLE_CASE(fixed) = {
	.title = "The lock lies beside the data that it guards",
	.tags = "mutex",
	.why = "Whoever can reach the votes reaches the same lock.",
	.ref = "POSIX.1-2017, pthread_mutex_lock()",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "voter 1", vote_with_common_lock }, { "voter 2", vote_with_common_lock } },
	.outcomes = { { "2", JOSTLE_ALLOWED, "both votes count" } },
};
