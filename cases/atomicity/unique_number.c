/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everybody draws a number: step the counter on, then read what it shows. If another thread steps
 * it on in between, both read the same number.
 */
#include "jostle.h"

#include <stdatomic.h>
#include <stdio.h>

struct jostle_state {
	atomic_int counter;
	int drawn[2];
};

static int draw(struct jostle_state *s)
{
	atomic_fetch_add(&s->counter, 1);
	return atomic_load(&s->counter); /* OUTCOME: it may have been stepped on twice */
}

static int draw_by_result(struct jostle_state *s)
{
	return atomic_fetch_add(&s->counter, 1) + 1;
}

static void guest_1(struct jostle_state *s)
{
	s->drawn[0] = draw(s);
}

static void guest_2(struct jostle_state *s)
{
	s->drawn[1] = draw(s);
}

static void guest_1_by_result(struct jostle_state *s)
{
	s->drawn[0] = draw_by_result(s);
}

static void guest_2_by_result(struct jostle_state *s)
{
	s->drawn[1] = draw_by_result(s);
}

static int setup(struct jostle_state *s)
{
	atomic_init(&s->counter, 0);
	return 0;
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%s", s->drawn[0] == s->drawn[1] ? "the same number" : "two numbers");
}

JOSTLE_CASE(broken) = {
	.title = "The counter is stepped on, and then read",
	.tags = "counter id atomic",
	.why = "The number that a thread drew is the one that its own step made, and only that "
	       "step can tell. A second look sees everybody's steps.",
	.ref = "C11 7.17.7.5: the value before the operation is returned",
	.expect = JOSTLE_OUTCOME,
	.needs = JOSTLE_NEEDS_ACCESSES,
	.setup = setup,
	.observe = observe,
	.threads = { { "guest 1", guest_1 }, { "guest 2", guest_2 } },
	.outcomes = { { "two numbers", JOSTLE_ALLOWED, "as it should be" },
		      { "the same number", JOSTLE_FORBIDDEN, "two guests, one number" } },
};

JOSTLE_CASE(fixed) = {
	.title = "The operation's own result is the number",
	.tags = "counter id atomic",
	.why = "No two additions return the same value.",
	.ref = "C11 7.17.7.5: the value before the operation is returned",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.threads = { { "guest 1", guest_1_by_result }, { "guest 2", guest_2_by_result } },
	.outcomes = { { "two numbers", JOSTLE_ALLOWED, "as it should be" } },
};
