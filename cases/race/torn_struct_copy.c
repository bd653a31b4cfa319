/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One assignment copies a whole struct, and reads like one step. The machine copies it in pieces,
 * and another thread changes the rest between two of them.
 */
#include "jostle.h"

#include <stdio.h>

struct route {
	long from[4], to[4]; /* equal in all eight numbers */
};

struct jostle_state {
	pthread_mutex_t lock;
	struct route route; /* guarded by lock */
	struct route copy;
};

static struct route route_of(long number)
{
	struct route route;

	for (int i = 0; i < 4; i++)
		route.from[i] = route.to[i] = number;
	return route;
}

static void plan(struct jostle_state *s)
{
	struct route route = route_of(2);

	s->route = route; /* RACE: 64 bytes, one after the other */
}

static void drive(struct jostle_state *s)
{
	s->copy = s->route; /* RACE: from the old one into the new one */
}

static void plan_locked(struct jostle_state *s)
{
	struct route route = route_of(2);

	pthread_mutex_lock(&s->lock);
	s->route = route;
	pthread_mutex_unlock(&s->lock);
}

static void drive_locked(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	s->copy = s->route;
	pthread_mutex_unlock(&s->lock);
}

static int setup(struct jostle_state *s)
{
	s->route = route_of(1);
	return pthread_mutex_init(&s->lock, NULL);
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	int equal = 1;

	for (int i = 0; i < 4; i++)
		equal &= s->copy.from[i] == s->copy.from[0] && s->copy.to[i] == s->copy.from[0];
	snprintf(text, size, "%s", equal ? "whole" : "torn");
}

static void teardown(struct jostle_state *s)
{
	pthread_mutex_destroy(&s->lock);
}

JOSTLE_CASE(broken) = {
	.title = "A struct is copied while another thread assigns it",
	.tags = "torn",
	.why = "Only accesses to atomic objects are one step. An assignment of 64 bytes is as "
	       "many steps as the compiler likes, or a call of memcpy().",
	.ref = "C11 5.1.2.4 paragraph 25: data race",
	.expect = JOSTLE_RACE,
	.also = JOSTLE_ALSO(JOSTLE_OUTCOME),
	.needs = JOSTLE_NEEDS_ACCESSES,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "plan", plan }, { "drive", drive } },
	.outcomes = { { "whole", JOSTLE_ALLOWED, "all old or all new" },
		      { "torn", JOSTLE_FORBIDDEN, "the beginning of one, the end of the other" } },
};

JOSTLE_CASE(fixed) = {
	.title = "The struct is assigned and copied with its lock held",
	.tags = "mutex",
	.why = "How many steps the copy takes is nobody's business while the lock is held.",
	.ref = "POSIX.1-2017, 4.12 Memory Synchronization",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "plan", plan_locked }, { "drive", drive_locked } },
	.outcomes = { { "whole", JOSTLE_ALLOWED, "all old or all new" } },
};
