/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A function returns a text in a static buffer, as asctime() and strerror() of old do. There is one
 * buffer for all callers: a second thread that calls the function writes over the text which the
 * first one is still reading.
 */
#include "jostle.h"

#include <stdio.h>

struct jostle_state {
	char seen[2];
};

__attribute__((noinline)) static const char *grade_name(int grade)
{
	static char text[2];

	text[0] = (char)('A' + grade); /* RACE: into everybody's buffer */
	return text;
}

__attribute__((noinline)) static const char *grade_name_into(char *text, int grade)
{
	text[0] = (char)('A' + grade);
	text[1] = '\0';
	return text;
}

__attribute__((noinline)) static const char *grade_name_per_thread(int grade)
{
	static _Thread_local char text[2];

	text[0] = (char)('A' + grade);
	return text;
}

static void best(struct jostle_state *s)
{
	s->seen[0] = *grade_name(0); /* RACE: the other thread called meanwhile */
}

static void second_best(struct jostle_state *s)
{
	s->seen[1] = *grade_name(1); /* RACE: the other thread called meanwhile */
}

static void best_into(struct jostle_state *s)
{
	char text[2];

	s->seen[0] = *grade_name_into(text, 0);
}

static void second_best_into(struct jostle_state *s)
{
	char text[2];

	s->seen[1] = *grade_name_into(text, 1);
}

static void best_per_thread(struct jostle_state *s)
{
	s->seen[0] = *grade_name_per_thread(0);
}

static void second_best_per_thread(struct jostle_state *s)
{
	s->seen[1] = *grade_name_per_thread(1);
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%.2s", s->seen);
}

JOSTLE_CASE(broken) = {
	.title = "A function returns its result in a static buffer",
	.tags = "static",
	.why = "static gives a local variable one place for the whole program. Every call, from "
	       "every thread, writes there.",
	.ref = "POSIX.1-2017, 2.9.1 Thread-Safety: functions that need not be thread-safe",
	.expect = JOSTLE_RACE,
	.also = JOSTLE_ALSO(JOSTLE_OUTCOME),
	.needs = JOSTLE_NEEDS_ACCESSES,
	.observe = observe,
	.threads = { { "best", best }, { "second best", second_best } },
	.outcomes = { { "AB", JOSTLE_ALLOWED, "each got its own" },
		      { "AA", JOSTLE_FORBIDDEN, "the second got the first one's text" },
		      { "BB", JOSTLE_FORBIDDEN, "the first got the second one's text" } },
};

JOSTLE_CASE(fixed) = {
	.title = "The caller brings the buffer",
	.tags = "static",
	.why = "This is what the functions whose names end in _r do.",
	.ref = "POSIX.1-2017, strerror_r()",
	.expect = JOSTLE_PASS,
	.observe = observe,
	.threads = { { "best", best_into }, { "second best", second_best_into } },
	.outcomes = { { "AB", JOSTLE_ALLOWED, "each got its own" } },
};

JOSTLE_CASE(fixed_thread_local) = {
	.title = "Each thread has a buffer of its own",
	.tags = "static thread-local",
	.why = "The interface stays as it is, and a thread can only overwrite its own texts.",
	.ref = "C11 6.2.4 paragraph 4: thread storage duration",
	.expect = JOSTLE_PASS,
	.observe = observe,
	.threads = { { "best", best_per_thread }, { "second best", second_best_per_thread } },
	.outcomes = { { "AB", JOSTLE_ALLOWED, "each got its own" } },
};
