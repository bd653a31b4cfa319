/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A sequence lock whose data are atomic, as they must be: the reader takes what it read if the
 * count is even and the same before and after. The second look at the count is a load like the
 * others, and may be done before them.
 */
#include "jostle.h"

#include <stdatomic.h>
#include <stdio.h>

struct jostle_state {
	atomic_uint count;
	atomic_int low, high; /* always equal */
	int torn;
};

static void write_pair(struct jostle_state *s)
{
	unsigned count = atomic_load_explicit(&s->count, memory_order_relaxed);

	atomic_store_explicit(&s->count, count + 1, memory_order_relaxed);
	atomic_thread_fence(memory_order_release);
	atomic_store_explicit(&s->low, 7, memory_order_relaxed);
	atomic_store_explicit(&s->high, 7, memory_order_relaxed);
	atomic_store_explicit(&s->count, count + 2, memory_order_release);
}

static void read_pair(struct jostle_state *s)
{
	unsigned before = atomic_load_explicit(&s->count, memory_order_acquire);
	int low = atomic_load_explicit(&s->low, memory_order_relaxed);
	int high = atomic_load_explicit(&s->high, memory_order_relaxed);

	if (before % 2 == 0 && atomic_load_explicit(&s->count, memory_order_relaxed) == before)
		s->torn = low != high; /* OUTCOME: the count was read too early */
}

static void read_pair_fenced(struct jostle_state *s)
{
	unsigned before = atomic_load_explicit(&s->count, memory_order_acquire);
	int low = atomic_load_explicit(&s->low, memory_order_relaxed);
	int high = atomic_load_explicit(&s->high, memory_order_relaxed);

	atomic_thread_fence(memory_order_acquire);
	if (before % 2 == 0 && atomic_load_explicit(&s->count, memory_order_relaxed) == before)
		s->torn = low != high;
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%s", s->torn ? "half of each" : "both or none");
}

#define OUTCOMES                                                           \
	{                                                                  \
		{ "both or none", JOSTLE_ALLOWED, "or tried again" },      \
		{                                                          \
			"half of each", JOSTLE_FORBIDDEN, "a torn reading" \
		}                                                          \
	}

JOSTLE_CASE(broken) = {
	.title = "A sequence lock's reader looks at the count without a fence",
	.tags = "weak-memory seqlock atomic",
	.why = "Nothing keeps the second load of the count behind the loads of the data: it finds "
	       "the count that was there before the writer came.",
	.ref = "Boehm: Can Seqlocks Get Along With Programming Language Memory Models?, MSPC 2012",
	.expect = JOSTLE_OUTCOME,
	.needs = JOSTLE_NEEDS_ACCESSES,
	.observe = observe,
	.threads = { { "write", write_pair }, { "read", read_pair } },
	.outcomes = OUTCOMES,
};

JOSTLE_CASE(fixed) = {
	.title = "An acquire fence stands between the data and the second look",
	.tags = "weak-memory seqlock fence atomic",
	.why = "If one of the data is new, the fence makes the writer's release fence come before "
	       "the second look, which then finds an odd count or a later one.",
	.ref = "Boehm: Can Seqlocks Get Along With Programming Language Memory Models?, MSPC 2012",
	.expect = JOSTLE_PASS,
	.observe = observe,
	.threads = { { "write", write_pair }, { "read", read_pair_fenced } },
	.outcomes = OUTCOMES,
};
