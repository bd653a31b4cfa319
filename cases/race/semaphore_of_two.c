/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A semaphore makes a fine lock when it starts at 1. Started at 2, because there are two threads,
 * it lets both in.
 */
#include "jostle.h"

#include <errno.h>
#include <semaphore.h>
#include <stdio.h>

struct jostle_state {
	sem_t permits;
	int water;
};

static void draw(struct jostle_state *s)
{
	while (sem_wait(&s->permits))
		;
	s->water -= 1; /* RACE: two permits, two threads inside */
	sem_post(&s->permits);
}

static int start(struct jostle_state *s, unsigned permits)
{
	s->water = 5;
	return sem_init(&s->permits, 0, permits) ? errno : 0;
}

static int setup(struct jostle_state *s)
{
	return start(s, 2);
}

static int setup_with_one(struct jostle_state *s)
{
	return start(s, 1);
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d", s->water);
}

static void teardown(struct jostle_state *s)
{
	sem_destroy(&s->permits);
}

JOSTLE_CASE(broken) = {
	.title = "A semaphore used as a lock starts at 2",
	.tags = "semaphore lost-update",
	.why = "A semaphore's number is how many may be inside at once. For excluding each other "
	       "that is one, however many threads there are.",
	.ref = "Dijkstra: Cooperating Sequential Processes, 1965: the binary semaphore",
	.expect = JOSTLE_RACE,
	.also = JOSTLE_ALSO(JOSTLE_OUTCOME),
	.needs = JOSTLE_NEEDS_ACCESSES,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "bucket 1", draw }, { "bucket 2", draw } },
	.outcomes = { { "3", JOSTLE_ALLOWED, "two drawn" },
		      { "4", JOSTLE_FORBIDDEN, "one is not counted" } },
};

JOSTLE_CASE(fixed) = {
	.title = "A semaphore used as a lock starts at 1",
	.tags = "semaphore",
	.why = "Whoever posts hands everything to whoever is let in next.",
	.ref = "Dijkstra: Cooperating Sequential Processes, 1965: the binary semaphore",
	.expect = JOSTLE_PASS,
	.setup = setup_with_one,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "bucket 1", draw }, { "bucket 2", draw } },
	.outcomes = { { "3", JOSTLE_ALLOWED, "two drawn" } },
};
