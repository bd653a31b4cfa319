/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each of two threads says that it comes, and enters if the other one has not said so. In the
 * program's order one of the two must see the other. But a store with release order may still be
 * on its way when the load behind it is done: both miss each other, and both enter.
 */
#include "jostle.h"

#include <stdatomic.h>
#include <stdio.h>

struct jostle_state {
	atomic_bool coming[2];
	atomic_int inside;
	atomic_bool met;
};

static void enter(struct jostle_state *s)
{
	if (atomic_fetch_add(&s->inside, 1) > 0)
		atomic_store(&s->met, 1);
	atomic_fetch_sub(&s->inside, 1);
}

static void enter_first(struct jostle_state *s)
{
	atomic_store_explicit(&s->coming[0], 1, memory_order_release);
	if (!atomic_load_explicit(&s->coming[1], memory_order_acquire))
		enter(s); /* OUTCOME: the other's flag is still on its way */
}

static void enter_second(struct jostle_state *s)
{
	atomic_store_explicit(&s->coming[1], 1, memory_order_release);
	if (!atomic_load_explicit(&s->coming[0], memory_order_acquire))
		enter(s);
}

static void enter_first_in_order(struct jostle_state *s)
{
	atomic_store(&s->coming[0], 1);
	if (!atomic_load(&s->coming[1]))
		enter(s);
}

static void enter_second_in_order(struct jostle_state *s)
{
	atomic_store(&s->coming[1], 1);
	if (!atomic_load(&s->coming[0]))
		enter(s);
}

static void enter_first_fenced(struct jostle_state *s)
{
	atomic_store_explicit(&s->coming[0], 1, memory_order_relaxed);
	atomic_thread_fence(memory_order_seq_cst);
	if (!atomic_load_explicit(&s->coming[1], memory_order_relaxed))
		enter(s);
}

static void enter_second_fenced(struct jostle_state *s)
{
	atomic_store_explicit(&s->coming[1], 1, memory_order_relaxed);
	atomic_thread_fence(memory_order_seq_cst);
	if (!atomic_load_explicit(&s->coming[0], memory_order_relaxed))
		enter(s);
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%s", atomic_load(&s->met) ? "both inside" : "one at a time");
}

#define OUTCOMES                                                                        \
	{                                                                               \
		{ "one at a time", JOSTLE_ALLOWED, "who comes second sees the first" }, \
			{ "both inside", JOSTLE_FORBIDDEN, "neither saw the other" },   \
	}

JOSTLE_CASE(broken) = {
	.title = "Two flags with release and acquire do not keep both out",
	.tags = "weak-memory store-buffering dekker atomic",
	.why = "Release and acquire order what a flag hands over. They do not order a store "
	       "before a later load of another variable, which is what this entry needs.",
	.ref = "C11 7.17.3; Dijkstra: Cooperating Sequential Processes, 1965 (Dekker's algorithm)",
	.expect = JOSTLE_OUTCOME,
	.needs = JOSTLE_NEEDS_ACCESSES,
	.observe = observe,
	.threads = { { "first", enter_first }, { "second", enter_second } },
	.outcomes = OUTCOMES,
};

JOSTLE_CASE(fixed) = {
	.title = "Both flags are sequentially consistent",
	.tags = "weak-memory store-buffering dekker atomic",
	.why = "All sequentially consistent operations have one order that everybody agrees on: "
	       "the second of the two stores comes before the load that follows it.",
	.ref = "C11 7.17.3 paragraph 6",
	.expect = JOSTLE_PASS,
	.observe = observe,
	.threads = { { "first", enter_first_in_order }, { "second", enter_second_in_order } },
	.outcomes = OUTCOMES,
};

JOSTLE_CASE(fixed_fence) = {
	.title = "A fence stands between the store and the load",
	.tags = "weak-memory store-buffering dekker fence atomic",
	.why = "A sequentially consistent fence on both sides has the same effect, and may be "
	       "cheaper where the flags are stored more often than asked.",
	.ref = "C11 7.17.4",
	.expect = JOSTLE_PASS,
	.observe = observe,
	.threads = { { "first", enter_first_fenced }, { "second", enter_second_fenced } },
	.outcomes = OUTCOMES,
};
