/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Main gives a thread its orders in a block of memory, and frees the block: pthread_create() has
 * returned, so they were handed over. The pointer was. The thread may not have looked yet.
 */
#include "jostle.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct orders {
	char name[16];
	int steps;
};

struct jostle_state {
	struct orders *orders;
	int walked;
};

static void *walk(void *arg)
{
	struct jostle_state *s = (struct jostle_state *)arg;

	s->walked = s->orders->steps; /* LIFETIME: main may have freed them */
	return NULL;
}

static void free_then_join(struct jostle_state *s)
{
	pthread_t thread;

	pthread_create(&thread, NULL, walk, s);
	free(s->orders); /* SEE: before the thread has ended */
	pthread_join(thread, NULL);
}

static void join_then_free(struct jostle_state *s)
{
	pthread_t thread;

	pthread_create(&thread, NULL, walk, s);
	pthread_join(thread, NULL);
	free(s->orders);
}

static int setup(struct jostle_state *s)
{
	s->orders = calloc(1, sizeof(*s->orders)); /* SEE: here it is allocated */
	if (!s->orders)
		return ENOMEM;
	s->orders->steps = 10;
	return 0;
}

JOSTLE_CASE(broken) = {
	.title = "A thread's argument is freed while the thread may need it",
	.tags = "create argument use-after-free",
	.why = "pthread_create() returns when the thread exists, not when it has read what its "
	       "argument points to.",
	.ref = "POSIX.1-2017, pthread_create(); CWE-416: Use After Free",
	.expect = JOSTLE_LIFETIME,
	.also = JOSTLE_ALSO(JOSTLE_RACE),
	.needs = JOSTLE_NEEDS_ACCESSES,
	.body = free_then_join,
	.setup = setup,
};

JOSTLE_CASE(fixed) = {
	.title = "The argument is freed after the join",
	.tags = "create argument join",
	.why = "Or else the thread frees it itself, as the last one who needs it.",
	.ref = "POSIX.1-2017, pthread_join()",
	.expect = JOSTLE_PASS,
	.body = join_then_free,
	.setup = setup,
};
