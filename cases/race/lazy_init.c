/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A table is made when it is first needed: if there is none, make one. Two threads that come first
 * at the same time both find none, and both make one.
 */
#include "jostle.h"

#include <stdatomic.h>
#include <stdio.h>

struct table {
	int size;
};

struct jostle_state {
	pthread_mutex_t lock;
	struct table *table; /* NULL until it is made */
	struct table tables[2];
	atomic_int made;
	int seen[2];
};

static struct table *table_make(struct jostle_state *s)
{
	struct table *table = &s->tables[atomic_fetch_add(&s->made, 1)];

	table->size = 8; /* RACE: who finds the pointer has no order with this */
	return table;
}

static int table_size(struct jostle_state *s)
{
	if (!s->table)                    /* RACE: is there one? */
		s->table = table_make(s); /* RACE: both may come here */
	return s->table->size;            /* RACE: perhaps the other one's */
}

static int table_size_locked(struct jostle_state *s)
{
	int size;

	pthread_mutex_lock(&s->lock);
	if (!s->table)
		s->table = table_make(s);
	size = s->table->size;
	pthread_mutex_unlock(&s->lock);
	return size;
}

static void user_1(struct jostle_state *s)
{
	s->seen[0] = table_size(s);
}

static void user_2(struct jostle_state *s)
{
	s->seen[1] = table_size(s);
}

static void user_1_locked(struct jostle_state *s)
{
	s->seen[0] = table_size_locked(s);
}

static void user_2_locked(struct jostle_state *s)
{
	s->seen[1] = table_size_locked(s);
}

static int setup(struct jostle_state *s)
{
	atomic_init(&s->made, 0);
	return pthread_mutex_init(&s->lock, NULL);
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d made", atomic_load(&s->made));
}

static void teardown(struct jostle_state *s)
{
	pthread_mutex_destroy(&s->lock);
}

JOSTLE_CASE(broken) = {
	.title = "Made on first use, by two first users",
	.tags = "lazy singleton",
	.why = "Between the look and the assignment the other thread looks as well. One table "
	       "leaks, and what was put into it is gone.",
	.ref = "POSIX.1-2017, pthread_once(), rationale",
	.expect = JOSTLE_RACE,
	.also = JOSTLE_ALSO(JOSTLE_OUTCOME),
	.needs = JOSTLE_NEEDS_ACCESSES,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "user 1", user_1 }, { "user 2", user_2 } },
	.outcomes = { { "1 made", JOSTLE_ALLOWED, "one for both" },
		      { "2 made", JOSTLE_FORBIDDEN, "each made one" } },
};

JOSTLE_CASE(fixed) = {
	.title = "Looked and made in one critical section",
	.tags = "lazy singleton mutex",
	.why = "The second user waits at the lock, and then finds the table. pthread_once() does "
	       "the same for what needs no argument.",
	.ref = "POSIX.1-2017, pthread_once()",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "user 1", user_1_locked }, { "user 2", user_2_locked } },
	.outcomes = { { "1 made", JOSTLE_ALLOWED, "one for both" } },
};
