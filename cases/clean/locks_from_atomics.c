/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Locks that the program makes itself from atomics, and that are right: a flag that is exchanged, a
 * ticket, and Peterson's algorithm for two, which needs nothing but loads and stores. What they
 * guard is plain.
 */
#include "jostle.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>

struct jostle_state {
	atomic_flag flag;
	atomic_uint next, serving;
	atomic_int wants[2], turn;
	int inside; /* guarded by whichever lock is used */
};

static void with_flag(struct jostle_state *s)
{
	while (atomic_flag_test_and_set_explicit(&s->flag, memory_order_acquire))
		sched_yield();
	s->inside++;
	atomic_flag_clear_explicit(&s->flag, memory_order_release);
}

static void with_ticket(struct jostle_state *s)
{
	unsigned ticket = atomic_fetch_add_explicit(&s->next, 1, memory_order_relaxed);

	while (atomic_load_explicit(&s->serving, memory_order_acquire) != ticket)
		sched_yield();
	s->inside++;
	atomic_store_explicit(&s->serving, ticket + 1, memory_order_release);
}

static void peterson(struct jostle_state *s, int me)
{
	atomic_store(&s->wants[me], 1);
	atomic_store(&s->turn, !me);
	while (atomic_load(&s->wants[!me]) && atomic_load(&s->turn) == !me)
		sched_yield();
	s->inside++;
	atomic_store(&s->wants[me], 0);
}

static void peterson_0(struct jostle_state *s)
{
	peterson(s, 0);
}

static void peterson_1(struct jostle_state *s)
{
	peterson(s, 1);
}

static int setup(struct jostle_state *s)
{
	atomic_flag_clear(&s->flag);
	atomic_init(&s->next, 0);
	atomic_init(&s->serving, 0);
	atomic_init(&s->wants[0], 0);
	atomic_init(&s->wants[1], 0);
	atomic_init(&s->turn, 0);
	return 0;
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d", s->inside);
}

#define COMMON                                                     \
	.expect = JOSTLE_PASS, .setup = setup, .observe = observe, \
	.outcomes = { { "2", JOSTLE_ALLOWED, "one after the other" } }

JOSTLE_CASE(flag) = {
	.title = "A lock made of an atomic flag",
	.tags = "clean atomic spin",
	.why = "Setting it acquires, clearing it releases.",
	.ref = "C11 7.17.8: atomic_flag",
	.threads = { { "one", with_flag }, { "two", with_flag } },
	COMMON,
};

JOSTLE_CASE(ticket) = {
	.title = "A lock made of a ticket counter",
	.tags = "clean atomic spin",
	.why = "Drawing the ticket orders nothing and need not; the number that is being served "
	       "hands over.",
	.ref = "Mellor-Crummey, Scott: Algorithms for Scalable Synchronization, ACM TOCS 9(1), "
	       "1991",
	.threads = { { "one", with_ticket }, { "two", with_ticket } },
	COMMON,
};

JOSTLE_CASE(peterson_lock) = {
	.title = "Peterson's lock for two threads",
	.tags = "clean atomic spin",
	.why = "With sequentially consistent loads and stores one of the two always sees the "
	       "other's wish, and what it waits for was released by the other.",
	.ref = "Peterson: Myths About the Mutual Exclusion Problem, IPL 12(3), 1981",
	.threads = { { "zero", peterson_0 }, { "one", peterson_1 } },
	COMMON,
};
