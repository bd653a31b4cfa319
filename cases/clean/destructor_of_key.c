/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A thread's destructors of thread-specific data run after its function has returned, and still in
 * the thread: what they do comes before the join.
 */
#include "jostle.h"

#include <stdio.h>
#include <stdlib.h>

struct jostle_state {
	pthread_key_t key;
	int total;
};

struct part {
	struct jostle_state *of;
	int count;
};

static void add_part(void *arg)
{
	struct part *part = (struct part *)arg;

	part->of->total += part->count;
	free(part);
}

static void *count(void *arg)
{
	struct jostle_state *s = (struct jostle_state *)arg;
	struct part *part = calloc(1, sizeof(*part));

	if (!part)
		return NULL;
	part->of = s;
	pthread_setspecific(s->key, part);
	part->count += 3;
	return NULL;
}

/* One after the other: the total has no lock. */
static void run_two(struct jostle_state *s)
{
	for (int i = 0; i < 2; i++) {
		pthread_t thread;

		pthread_create(&thread, NULL, count, s);
		pthread_join(thread, NULL);
		s->total++;
	}
}

static int setup(struct jostle_state *s)
{
	return pthread_key_create(&s->key, add_part);
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d", s->total);
}

static void teardown(struct jostle_state *s)
{
	pthread_key_delete(s->key);
}

JOSTLE_CASE(before_join) = {
	.title = "The destructor of thread-specific data writes what the joiner reads",
	.tags = "clean thread-local join",
	.why = "The thread ends when its last destructor has returned, and the join waits for "
	       "that.",
	.ref = "POSIX.1-2017, pthread_key_create()",
	.expect = JOSTLE_PASS,
	.body = run_two,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.outcomes = { { "8", JOSTLE_ALLOWED, "two parts of three, and two" } },
};
