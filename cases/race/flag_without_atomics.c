/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "The result is written before the flag, so who sees the flag sees the result." That is true of
 * the text, and of nothing else: the compiler may turn two plain writes around, and so may the
 * machine.
 */
#include "jostle.h"

#include <stdatomic.h>
#include <stdio.h>

struct jostle_state {
	int result, ready;
	atomic_int ready_atomic;
	int seen;
};

static void compute(struct jostle_state *s)
{
	s->result = 42; /* RACE: nothing orders it before the flag */
	s->ready = 1;   /* RACE: a plain flag */
}

static void print(struct jostle_state *s)
{
	if (s->ready)                /* RACE: a plain flag */
		s->seen = s->result; /* RACE: nothing orders it after the flag */
}

static void compute_and_release(struct jostle_state *s)
{
	s->result = 42;
	atomic_store_explicit(&s->ready_atomic, 1, memory_order_release);
}

static void print_acquired(struct jostle_state *s)
{
	if (atomic_load_explicit(&s->ready_atomic, memory_order_acquire))
		s->seen = s->result;
}

static int setup(struct jostle_state *s)
{
	s->seen = -1;
	atomic_init(&s->ready_atomic, 0);
	return 0;
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d", s->seen);
}

JOSTLE_CASE(broken) = {
	.title = "A plain variable says that another one is ready",
	.tags = "flag publication",
	.why = "No run on this machine may ever show it, and the program is still wrong: without "
	       "atomics nothing orders the result before the flag, nor the look at the result "
	       "after the look at the flag.",
	.ref = "C11 5.1.2.4 paragraph 25: data race",
	.expect = JOSTLE_RACE,
	.also = JOSTLE_ALSO(JOSTLE_OUTCOME),
	.needs = JOSTLE_NEEDS_ACCESSES,
	.setup = setup,
	.observe = observe,
	.threads = { { "compute", compute }, { "print", print } },
	.outcomes = { { "-1", JOSTLE_ALLOWED, "not ready yet" },
		      { "42", JOSTLE_ALLOWED, "ready" },
		      { "0", JOSTLE_FORBIDDEN, "ready was seen before the result" } },
};

JOSTLE_CASE(fixed) = {
	.title = "The flag is stored with release and loaded with acquire",
	.tags = "flag publication atomic",
	.why = "Who reads what a release wrote, with acquire, sees all that was written before "
	       "it. The result itself may stay plain.",
	.ref = "C11 7.17.3 paragraphs 3 to 5: release and acquire",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.threads = { { "compute", compute_and_release }, { "print", print_acquired } },
	.outcomes = { { "-1", JOSTLE_ALLOWED, "not ready yet" },
		      { "42", JOSTLE_ALLOWED, "ready" } },
};
