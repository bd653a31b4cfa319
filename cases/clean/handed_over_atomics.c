/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plain data is handed over by atomics: by each pair of orders that synchronises, by a chain of
 * read-modify-writes that others add to (a release sequence), by fences around relaxed accesses.
 * ThreadSanitizer does not know the fences, Helgrind knows none of it.
 */
#include "jostle.h"

#include <stdatomic.h>
#include <stdio.h>

struct jostle_state {
	int data;
	atomic_int ready;
	int seen;
};

static void take(struct jostle_state *s, memory_order order, int least)
{
	s->seen = 7;
	if (atomic_load_explicit(&s->ready, order) >= least)
		s->seen = s->data;
}

static void give_release(struct jostle_state *s)
{
	s->data = 7;
	atomic_store_explicit(&s->ready, 1, memory_order_release);
}

static void take_acquire(struct jostle_state *s)
{
	take(s, memory_order_acquire, 1);
}

static void give_seq_cst(struct jostle_state *s)
{
	s->data = 7;
	atomic_store(&s->ready, 1);
}

static void take_seq_cst(struct jostle_state *s)
{
	take(s, memory_order_seq_cst, 1);
}

static void give_exchange(struct jostle_state *s)
{
	s->data = 7;
	atomic_exchange_explicit(&s->ready, 1, memory_order_acq_rel);
}

static void take_exchange(struct jostle_state *s)
{
	int one = 1;

	s->seen = 7;
	if (atomic_compare_exchange_strong_explicit(&s->ready, &one, 2, memory_order_acq_rel,
						    memory_order_relaxed))
		s->seen = s->data;
}

/* Adds to what was released, relaxed, and knows nothing of the data. */
static void pass_on(struct jostle_state *s)
{
	atomic_fetch_add_explicit(&s->ready, 2, memory_order_relaxed);
}

/* 3: both added, and the one that released came before or after. */
static void give_addition(struct jostle_state *s)
{
	s->data = 7;
	atomic_fetch_add_explicit(&s->ready, 1, memory_order_release);
}

static void take_sequence(struct jostle_state *s)
{
	take(s, memory_order_acquire, 3);
}

static void give_fence(struct jostle_state *s)
{
	s->data = 7;
	atomic_thread_fence(memory_order_release);
	atomic_store_explicit(&s->ready, 1, memory_order_relaxed);
}

static void take_fence(struct jostle_state *s)
{
	s->seen = 7;
	if (atomic_load_explicit(&s->ready, memory_order_relaxed)) {
		atomic_thread_fence(memory_order_acquire);
		s->seen = s->data;
	}
}

static int setup(struct jostle_state *s)
{
	atomic_init(&s->ready, 0);
	return 0;
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d", s->seen);
}

#define COMMON                                                     \
	.expect = JOSTLE_PASS, .setup = setup, .observe = observe, \
	.outcomes = { { "7", JOSTLE_ALLOWED, "what was given, or nothing yet" } }

JOSTLE_CASE(release_acquire) = {
	.title = "Handed over by release and acquire",
	.tags = "clean atomic",
	.why = "A load that reads what a release wrote, with acquire, comes after it.",
	.ref = "C11 7.17.3 paragraphs 3 to 5",
	.threads = { { "give", give_release }, { "take", take_acquire } },
	COMMON,
};

JOSTLE_CASE(sequentially_consistent) = {
	.title = "Handed over by atomics without a named order",
	.tags = "clean atomic",
	.why = "The order that is meant when none is named releases and acquires, too.",
	.ref = "C11 7.17.3 paragraph 6: memory_order_seq_cst",
	.threads = { { "give", give_seq_cst }, { "take", take_seq_cst } },
	COMMON,
};

JOSTLE_CASE(read_modify_write) = {
	.title = "Handed over by an exchange to a compare-exchange",
	.tags = "clean atomic compare-exchange",
	.why = "The compare-exchange acquires when it succeeds. When it fails it is relaxed, "
	       "and nothing is read.",
	.ref = "C11 7.17.7.4: an order for success and one for failure",
	.threads = { { "give", give_exchange }, { "take", take_exchange } },
	COMMON,
};

JOSTLE_CASE(release_sequence) = {
	.title = "Handed over through another thread's relaxed addition",
	.tags = "clean atomic release-sequence",
	.why = "Read-modify-writes continue the sequence that a release heads, whoever does them "
	       "and in whatever order. Who reads the sum follows the release.",
	.ref = "C11 5.1.2.4 paragraphs 10 and 11: release sequence",
	.threads = { { "give", give_addition }, { "pass on", pass_on }, { "take", take_sequence } },
	COMMON,
};

JOSTLE_CASE(fences) = {
	.title = "Handed over by two fences around relaxed accesses",
	.tags = "clean atomic fence relaxed",
	.why = "The fence before the store releases, the fence after the load acquires.",
	.ref = "C11 7.17.4: fences",
	.threads = { { "give", give_fence }, { "take", take_fence } },
	COMMON,
};

JOSTLE_CASE(fence_to_acquire) = {
	.title = "Handed over by a fence to a load with acquire",
	.tags = "clean atomic fence",
	.why = "A release fence pairs with an acquire load as well as with a fence.",
	.ref = "C11 7.17.4 paragraph 4",
	.threads = { { "give", give_fence }, { "take", take_acquire } },
	COMMON,
};

JOSTLE_CASE(release_to_fence) = {
	.title = "Handed over by a store with release to a fence",
	.tags = "clean atomic fence",
	.why = "An acquire fence behind a relaxed load pairs with a release store.",
	.ref = "C11 7.17.4 paragraph 3",
	.threads = { { "give", give_release }, { "take", take_fence } },
	COMMON,
};
