/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pthread_once() and C11's call_once(): one thread initialises, all others find it done, and may
 * read what was initialised without any lock.
 */
#include "jostle.h"

#include <stdio.h>
#include <threads.h>

static pthread_once_t posix_once = PTHREAD_ONCE_INIT;
static once_flag c11_once = ONCE_FLAG_INIT;
static int table;

struct jostle_state {
	int seen[2];
};

static void make_table(void)
{
	table += 7; /* once */
}

static int look_posix(void)
{
	pthread_once(&posix_once, make_table);
	return table;
}

static int look_c11(void)
{
	call_once(&c11_once, make_table);
	return table;
}

static void first_posix(struct jostle_state *s)
{
	s->seen[0] = look_posix();
}

static void second_posix(struct jostle_state *s)
{
	s->seen[1] = look_posix();
}

static void first_c11(struct jostle_state *s)
{
	s->seen[0] = look_c11();
}

static void second_c11(struct jostle_state *s)
{
	s->seen[1] = look_c11();
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d %d", s->seen[0], s->seen[1]);
}

JOSTLE_CASE(posix) = {
	.title = "Initialised by pthread_once()",
	.tags = "clean once",
	.why = "Whoever comes second waits until the first one has finished.",
	.ref = "POSIX.1-2017, pthread_once()",
	.expect = JOSTLE_PASS,
	.observe = observe,
	.threads = { { "first", first_posix }, { "second", second_posix } },
	.outcomes = { { "7 7", JOSTLE_ALLOWED, "made once, seen by both" } },
};

JOSTLE_CASE(c11) = {
	.title = "Initialised by call_once()",
	.tags = "clean once c11",
	.why = "The same in C11.",
	.ref = "C11 7.26.2.1: call_once",
	.expect = JOSTLE_PASS,
	.observe = observe,
	.threads = { { "first", first_c11 }, { "second", second_c11 } },
	.outcomes = { { "7 7", JOSTLE_ALLOWED, "made once, seen by both" } },
};
