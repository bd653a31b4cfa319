/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A sequence lock lets readers read without writing anything: they read the number, the data, and
 * the number again, and throw the data away if it changed or was odd. Thrown away or not, the read
 * happened while the writer wrote, and plain data makes that a data race.
 */
#include "jostle.h"

#include <stdatomic.h>
#include <stdio.h>

struct jostle_state {
	atomic_uint sequence; /* odd: the writer is inside */
	int x, y;
	atomic_int x_atomic, y_atomic;
	int seen_x, seen_y, valid;
};

static void move(struct jostle_state *s)
{
	atomic_fetch_add(&s->sequence, 1);
	s->x = 1; /* RACE: a reader may be inside */
	s->y = 1; /* RACE: a reader may be inside */
	atomic_fetch_add(&s->sequence, 1);
}

static void look(struct jostle_state *s)
{
	unsigned before = atomic_load(&s->sequence);

	if (before & 1)
		return;
	s->seen_x = s->x; /* RACE: read first, judged afterwards */
	s->seen_y = s->y; /* RACE: read first, judged afterwards */
	s->valid = atomic_load(&s->sequence) == before;
}

static void move_atomically(struct jostle_state *s)
{
	unsigned before = atomic_load_explicit(&s->sequence, memory_order_relaxed);

	atomic_store_explicit(&s->sequence, before + 1, memory_order_relaxed);
	atomic_store_explicit(&s->x_atomic, 1, memory_order_release);
	atomic_store_explicit(&s->y_atomic, 1, memory_order_release);
	atomic_store_explicit(&s->sequence, before + 2, memory_order_release);
}

static void look_atomically(struct jostle_state *s)
{
	unsigned before = atomic_load_explicit(&s->sequence, memory_order_acquire);

	if (before & 1)
		return;
	s->seen_x = atomic_load_explicit(&s->x_atomic, memory_order_acquire);
	s->seen_y = atomic_load_explicit(&s->y_atomic, memory_order_acquire);
	s->valid = atomic_load_explicit(&s->sequence, memory_order_relaxed) == before;
}

static int setup(struct jostle_state *s)
{
	atomic_init(&s->sequence, 0);
	atomic_init(&s->x_atomic, 0);
	atomic_init(&s->y_atomic, 0);
	return 0;
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	if (s->valid)
		snprintf(text, size, "%d %d", s->seen_x, s->seen_y);
	else
		snprintf(text, size, "try again");
}

JOSTLE_CASE(broken) = {
	.title = "A sequence lock around plain data",
	.tags = "seqlock",
	.why = "The reader never uses what it read in vain, so it looks right. But C forbids the "
	       "read itself: the compiler may read once more after the check, for instance.",
	.ref = "Boehm: Can Seqlocks Get Along With Programming Language Memory Models?, MSPC 2012",
	.expect = JOSTLE_RACE,
	.needs = JOSTLE_NEEDS_ACCESSES,
	.setup = setup,
	.observe = observe,
	.threads = { { "move", move }, { "look", look } },
	.outcomes = { { "try again", JOSTLE_ALLOWED, "the writer was inside" },
		      { "0 0", JOSTLE_ALLOWED, "before" },
		      { "1 1", JOSTLE_ALLOWED, "after" } },
};

JOSTLE_CASE(fixed) = {
	.title = "A sequence lock around atomic data",
	.tags = "seqlock atomic",
	.why = "A reader that sees one of the new values sees the odd number as well, since the "
	       "data is stored with release and loaded with acquire; so it tries again.",
	.ref = "Boehm: Can Seqlocks Get Along With Programming Language Memory Models?, MSPC 2012",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.threads = { { "move", move_atomically }, { "look", look_atomically } },
	.outcomes = { { "try again", JOSTLE_ALLOWED, "the writer was inside" },
		      { "0 0", JOSTLE_ALLOWED, "before" },
		      { "1 1", JOSTLE_ALLOWED, "after" } },
};
