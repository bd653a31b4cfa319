/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A pool of connections: find a free one, then mark it as taken. Both functions lock. Two threads
 * find the same one.
 */
#include "jostle.h"

#include <stdio.h>

#define SLOTS 2

struct jostle_state {
	pthread_mutex_t lock;
	int taken[SLOTS]; /* guarded by lock */
	int got[2];
};

/* With the lock held. */
static int find_free(const struct jostle_state *s)
{
	int slot = 0;

	while (slot < SLOTS && s->taken[slot])
		slot++;
	return slot;
}

static int acquire(struct jostle_state *s)
{
	int slot;

	pthread_mutex_lock(&s->lock);
	slot = find_free(s);
	pthread_mutex_unlock(&s->lock);
	pthread_mutex_lock(&s->lock);
	s->taken[slot] = 1; /* OUTCOME: somebody else may have found it, too */
	pthread_mutex_unlock(&s->lock);
	return slot;
}

static int acquire_at_once(struct jostle_state *s)
{
	int slot;

	pthread_mutex_lock(&s->lock);
	slot = find_free(s);
	s->taken[slot] = 1;
	pthread_mutex_unlock(&s->lock);
	return slot;
}

static void client_1(struct jostle_state *s)
{
	s->got[0] = acquire(s);
}

static void client_2(struct jostle_state *s)
{
	s->got[1] = acquire(s);
}

static void client_1_at_once(struct jostle_state *s)
{
	s->got[0] = acquire_at_once(s);
}

static void client_2_at_once(struct jostle_state *s)
{
	s->got[1] = acquire_at_once(s);
}

static int setup(struct jostle_state *s)
{
	return pthread_mutex_init(&s->lock, NULL);
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%s", s->got[0] == s->got[1] ? "shared" : "own");
}

static void teardown(struct jostle_state *s)
{
	pthread_mutex_destroy(&s->lock);
}

JOSTLE_CASE(broken) = {
	.title = "A free slot is found in one critical section and taken in the next",
	.tags = "pool mutex check-then-act",
	.why = "\"Slot 0 is free\" was true while the lock was held, and is a rumour afterwards.",
	.ref = "Lu, Park, Seo, Zhou: Learning from Mistakes, ASPLOS 2008, section 3.1",
	.expect = JOSTLE_OUTCOME,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "client 1", client_1 }, { "client 2", client_2 } },
	.outcomes = { { "own", JOSTLE_ALLOWED, "a connection each" },
		      { "shared", JOSTLE_FORBIDDEN, "two clients talk on one connection" } },
};

JOSTLE_CASE(fixed) = {
	.title = "A free slot is found and taken in one critical section",
	.tags = "pool mutex",
	.why = "A pool offers \"give me one\", and not \"tell me which is free\".",
	.ref = "Lu, Park, Seo, Zhou: Learning from Mistakes, ASPLOS 2008, section 3.1",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "client 1", client_1_at_once }, { "client 2", client_2_at_once } },
	.outcomes = { { "own", JOSTLE_ALLOWED, "a connection each" } },
};
