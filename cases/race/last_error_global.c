/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A library reports errors the way that errno once did: in a global variable. Two threads call it,
 * both fail, and one reads the other's reason. errno itself became thread-local for this.
 */
#include "jostle.h"

#include <errno.h>
#include <stdio.h>

static int last_error;
static _Thread_local int last_error_here;

struct jostle_state {
	int reasons[2];
};

__attribute__((noinline)) static int library_open(int error)
{
	last_error = error; /* RACE: everybody's last error */
	return -1;
}

__attribute__((noinline)) static int library_open_per_thread(int error)
{
	last_error_here = error;
	return -1;
}

static void open_missing(struct jostle_state *s)
{
	if (library_open(ENOENT) < 0)
		s->reasons[0] = last_error; /* RACE: whose error is it? */
}

static void open_forbidden(struct jostle_state *s)
{
	if (library_open(EACCES) < 0)
		s->reasons[1] = last_error; /* RACE: whose error is it? */
}

static void open_missing_per_thread(struct jostle_state *s)
{
	if (library_open_per_thread(ENOENT) < 0)
		s->reasons[0] = last_error_here;
}

static void open_forbidden_per_thread(struct jostle_state *s)
{
	if (library_open_per_thread(EACCES) < 0)
		s->reasons[1] = last_error_here;
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%s",
		 s->reasons[0] == ENOENT && s->reasons[1] == EACCES ? "right" : "mixed up");
}

JOSTLE_CASE(broken) = {
	.title = "A library leaves its error number in a global variable",
	.tags = "global errno",
	.why = "Between the call and the look at the variable another thread's call may fail, "
	       "too. The look then finds the other one's reason.",
	.ref = "POSIX.1-2017, <errno.h>: errno has thread lifetime",
	.expect = JOSTLE_RACE,
	.also = JOSTLE_ALSO(JOSTLE_OUTCOME),
	.needs = JOSTLE_NEEDS_ACCESSES,
	.observe = observe,
	.threads = { { "missing", open_missing }, { "forbidden", open_forbidden } },
	.outcomes = { { "right", JOSTLE_ALLOWED, "each read its own" },
		      { "mixed up", JOSTLE_FORBIDDEN, "one read the other's error" } },
};

JOSTLE_CASE(fixed) = {
	.title = "The error number is thread-local",
	.tags = "global errno thread-local",
	.why = "One word in the declaration gives each thread a variable of its own.",
	.ref = "C11 6.2.4 paragraph 4: thread storage duration",
	.expect = JOSTLE_PASS,
	.observe = observe,
	.threads = { { "missing", open_missing_per_thread },
		     { "forbidden", open_forbidden_per_thread } },
	.outcomes = { { "right", JOSTLE_ALLOWED, "each read its own" } },
};
