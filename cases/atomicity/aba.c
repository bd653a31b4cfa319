/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ABA. A stack of free buffers without locks: who pops reads the top A and its successor B, and
 * exchanges A for B if the top is still A. Meanwhile another thread pops A, pops B, and pushes A
 * back. The top is A again, the exchange succeeds, and B is both in use and on the stack.
 */
#include "jostle.h"

#include <stdatomic.h>
#include <stdio.h>

#define NONE 0u

/* Buffers are numbered from 1. The top's upper half counts the pushes, for the fixed variant. */
struct jostle_state {
	atomic_uint next[3];
	atomic_uint top;
	unsigned stamp; /* what a push adds to the upper half: 0 or 0x10000 */
	unsigned held, kept;
};

static unsigned pop(struct jostle_state *s)
{
	unsigned top = atomic_load(&s->top), next;

	do {
		if ((top & 0xffff) == NONE)
			return NONE;
		next = atomic_load(&s->next[top & 0xffff]);     /* SEE: out of date from here */
	} while (!atomic_compare_exchange_strong(&s->top, &top, /* OUTCOME: A again */
						 (top & ~0xffffu) | next));
	return top & 0xffff;
}

static void push(struct jostle_state *s, unsigned buffer)
{
	unsigned top = atomic_load(&s->top);

	do
		atomic_store(&s->next[buffer], top & 0xffff);
	while (!atomic_compare_exchange_strong(&s->top, &top,
					       ((top & ~0xffffu) + s->stamp) | buffer));
}

static void pop_one(struct jostle_state *s)
{
	s->held = pop(s);
}

/* Takes two, keeps the second and gives the first one back. */
static void pop_two(struct jostle_state *s)
{
	unsigned first = pop(s);

	s->kept = pop(s);
	if (first != NONE)
		push(s, first);
}

static int setup(struct jostle_state *s)
{
	atomic_init(&s->next[1], 2);
	atomic_init(&s->next[2], NONE);
	atomic_init(&s->top, 1);
	return 0;
}

static int setup_with_stamp(struct jostle_state *s)
{
	s->stamp = 0x10000;
	return setup(s);
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	unsigned top = atomic_load(&s->top) & 0xffff;

	snprintf(text, size, "%s",
		 top != NONE && (top == s->kept || top == s->held) ? "both" : "one");
}

JOSTLE_CASE(broken) = {
	.title = "The top of a lock-free stack is A again, and not the same",
	.tags = "pool stack compare-exchange aba atomic",
	.why = "A compare-exchange compares values and knows no history. The value came back and "
	       "what was read beside it did not.",
	.ref = "Michael: Safe Memory Reclamation for Dynamic Lock-Free Objects, PODC 2002: ABA",
	.expect = JOSTLE_OUTCOME,
	.needs = JOSTLE_NEEDS_ACCESSES,
	.setup = setup,
	.observe = observe,
	.threads = { { "pop one", pop_one }, { "pop two", pop_two } },
	.outcomes = { { "one", JOSTLE_ALLOWED, "each buffer is in use or free" },
		      { "both", JOSTLE_FORBIDDEN, "a buffer in use is free as well" } },
};

JOSTLE_CASE(fixed) = {
	.title = "The top carries a number that each push steps on",
	.tags = "pool stack compare-exchange aba atomic",
	.why = "A with another number is another value, so that the exchange fails and the "
	       "successor is read again.",
	.ref = "Treiber: Systems Programming: Coping with Parallelism, IBM RJ 5118, 1986",
	.expect = JOSTLE_PASS,
	.setup = setup_with_stamp,
	.observe = observe,
	.threads = { { "pop one", pop_one }, { "pop two", pop_two } },
	.outcomes = { { "one", JOSTLE_ALLOWED, "each buffer is in use or free" } },
};
