/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Atomic variables alone order nothing: a result that is stored before it is announced may be seen
 * after it. There is no race here, since everything is atomic, and on x86 the processor keeps the
 * order; the compiler need not, and other processors do not.
 */
#include "jostle.h"

#include <stdatomic.h>
#include <stdio.h>

struct jostle_state {
	atomic_int result;
	atomic_bool announced;
	int seen;
};

static void compute(struct jostle_state *s)
{
	atomic_store_explicit(&s->result, 42, memory_order_relaxed);
	atomic_store_explicit(&s->announced, 1, memory_order_relaxed);
}

static void use(struct jostle_state *s)
{
	s->seen = 42;
	if (atomic_load_explicit(&s->announced, memory_order_relaxed))
		s->seen = atomic_load_explicit(&s->result, /* OUTCOME: not there yet */
					       memory_order_relaxed);
}

static void compute_and_release(struct jostle_state *s)
{
	atomic_store_explicit(&s->result, 42, memory_order_relaxed);
	atomic_store_explicit(&s->announced, 1, memory_order_release);
}

static void acquire_and_use(struct jostle_state *s)
{
	s->seen = 42;
	if (atomic_load_explicit(&s->announced, memory_order_acquire))
		s->seen = atomic_load_explicit(&s->result, memory_order_relaxed);
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%s", s->seen == 42 ? "the result" : "announced, and not there");
}

#define OUTCOMES                                                                       \
	{                                                                              \
		{ "the result", JOSTLE_ALLOWED, "or not asked for" },                  \
		{                                                                      \
			"announced, and not there", JOSTLE_FORBIDDEN, "seen too early" \
		}                                                                      \
	}

JOSTLE_CASE(broken) = {
	.title = "A relaxed flag announces a result that is not to be seen yet",
	.tags = "weak-memory message-passing publication atomic",
	.why = "Relaxed stores of one thread to two variables may be seen in any order.",
	.ref = "C11 5.1.2.4 and 7.17.3",
	.expect = JOSTLE_OUTCOME,
	.needs = JOSTLE_NEEDS_ACCESSES,
	.observe = observe,
	.threads = { { "compute", compute }, { "use", use } },
	.outcomes = OUTCOMES,
};

JOSTLE_CASE(fixed) = {
	.title = "The flag is stored with release and loaded with acquire",
	.tags = "weak-memory message-passing publication atomic",
	.why = "What comes before the release is seen by whoever acquires what it stored.",
	.ref = "C11 5.1.2.4 paragraph 11",
	.expect = JOSTLE_PASS,
	.observe = observe,
	.threads = { { "compute", compute_and_release }, { "use", acquire_and_use } },
	.outcomes = OUTCOMES,
};
