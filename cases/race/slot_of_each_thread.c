/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each thread counts in a slot of its own, so that nobody needs a lock. Then a third thread wants
 * to know the sum while they are still counting. One writer and one reader are enough for a race.
 */
#include "jostle.h"

#include <stdatomic.h>
#include <stdio.h>

struct jostle_state {
	int slots[2]; /* each written by one thread only */
	atomic_int slots_atomic[2];
	int sum;
};

static void work_1(struct jostle_state *s)
{
	s->slots[0]++; /* RACE: nobody else writes it, but somebody reads */
}

static void work_2(struct jostle_state *s)
{
	s->slots[1]++; /* RACE: nobody else writes it, but somebody reads */
}

static void add_up(struct jostle_state *s)
{
	int first = s->slots[0];  /* RACE: the owner may be writing */
	int second = s->slots[1]; /* RACE: the owner may be writing */

	s->sum = first + second;
}

/* The owner needs no read-modify-write: nobody else writes. */
static void count(atomic_int *slot)
{
	int before = atomic_load_explicit(slot, memory_order_relaxed);

	atomic_store_explicit(slot, before + 1, memory_order_relaxed);
}

static void work_1_atomically(struct jostle_state *s)
{
	count(&s->slots_atomic[0]);
}

static void work_2_atomically(struct jostle_state *s)
{
	count(&s->slots_atomic[1]);
}

static void add_up_atomically(struct jostle_state *s)
{
	for (int i = 0; i < 2; i++)
		s->sum += atomic_load_explicit(&s->slots_atomic[i], memory_order_relaxed);
}

static int setup(struct jostle_state *s)
{
	atomic_init(&s->slots_atomic[0], 0);
	atomic_init(&s->slots_atomic[1], 0);
	return 0;
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%s", s->sum >= 0 && s->sum <= 2 ? "0 to 2" : "nonsense");
}

JOSTLE_CASE(broken) = {
	.title = "A slot for each thread, read by another while it is written",
	.tags = "counter",
	.why = "\"Only its owner writes it\" makes lost updates impossible, not races. The reader "
	       "and the owner access the same location at the same time.",
	.ref = "Boehm: How to miscompile programs with \"benign\" data races, HotPar 2011",
	.expect = JOSTLE_RACE,
	.needs = JOSTLE_NEEDS_ACCESSES,
	.setup = setup,
	.observe = observe,
	.threads = { { "worker 1", work_1 }, { "worker 2", work_2 }, { "add up", add_up } },
	.outcomes = { { "0 to 2", JOSTLE_ALLOWED, "some of the counts" } },
};

JOSTLE_CASE(fixed) = {
	.title = "A slot for each thread, atomic and relaxed",
	.tags = "counter atomic relaxed",
	.why = "Relaxed loads and stores cost what plain ones cost on most machines, and are "
	       "no race.",
	.ref = "C11 7.17.3 paragraph 2: memory_order_relaxed",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.threads = { { "worker 1", work_1_atomically },
		     { "worker 2", work_2_atomically },
		     { "add up", add_up_atomically } },
	.outcomes = { { "0 to 2", JOSTLE_ALLOWED, "some of the counts" } },
};
