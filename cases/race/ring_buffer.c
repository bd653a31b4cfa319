/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A ring for one producer and one consumer needs no lock: only the producer moves the head, only
 * the consumer the tail. But the indices must carry the slots with them. Relaxed, they say where
 * the slot is and not that it is filled, or that it was emptied.
 */
#include "jostle.h"

#include <stdatomic.h>
#include <stdio.h>

struct jostle_state {
	int slots[1];
	atomic_uint head, tail; /* how many were put and taken, ever */
	memory_order reading, writing;
	int taken[2], count;
};

static void put(struct jostle_state *s, int value)
{
	unsigned head = atomic_load_explicit(&s->head, memory_order_relaxed);

	if (head - atomic_load_explicit(&s->tail, s->reading) == 1)
		return;      /* full */
	s->slots[0] = value; /* RACE: the slot that the consumer may still read */
	atomic_store_explicit(&s->head, head + 1, s->writing);
}

static void take(struct jostle_state *s)
{
	unsigned tail = atomic_load_explicit(&s->tail, memory_order_relaxed);

	if (atomic_load_explicit(&s->head, s->reading) == tail)
		return;                     /* empty */
	s->taken[s->count++] = s->slots[0]; /* RACE: the slot may not be filled yet */
	atomic_store_explicit(&s->tail, tail + 1, s->writing);
}

static void producer(struct jostle_state *s)
{
	put(s, 1);
	put(s, 2);
}

static void consumer(struct jostle_state *s)
{
	take(s);
	take(s);
}

static int setup(struct jostle_state *s)
{
	s->reading = s->writing = memory_order_relaxed;
	atomic_init(&s->head, 0);
	atomic_init(&s->tail, 0);
	return 0;
}

static int setup_ordered(struct jostle_state *s)
{
	setup(s);
	s->reading = memory_order_acquire;
	s->writing = memory_order_release;
	return 0;
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d: %d %d", s->count, s->taken[0], s->taken[1]);
}

JOSTLE_CASE(broken) = {
	.title = "A ring buffer whose indices are relaxed",
	.tags = "queue ring atomic relaxed",
	.why = "The index is atomic, the slot is plain. Without release and acquire the slot's "
	       "contents and the slot's number travel separately, in both directions.",
	.ref = "Lamport: Specifying Concurrent Program Modules, ACM TOPLAS 5(2), 1983",
	.expect = JOSTLE_RACE,
	.also = JOSTLE_ALSO(JOSTLE_OUTCOME),
	.needs = JOSTLE_NEEDS_ACCESSES,
	.setup = setup,
	.observe = observe,
	.threads = { { "producer", producer }, { "consumer", consumer } },
	.outcomes = { { "0: 0 0", JOSTLE_ALLOWED, "the consumer came too early" },
		      { "1: 1 0", JOSTLE_ALLOWED, "one was taken" },
		      { "2: 1 2", JOSTLE_ALLOWED, "both were taken" },
		      { "1: 0 0", JOSTLE_FORBIDDEN, "an empty slot was taken" },
		      { "1: 2 0", JOSTLE_FORBIDDEN, "the slot was overwritten while read" },
		      { "2: 1 1", JOSTLE_FORBIDDEN, "the first was taken twice" } },
};

JOSTLE_CASE(fixed) = {
	.title = "Each index is stored with release and loaded by the other side with acquire",
	.tags = "queue ring atomic",
	.why = "The head hands the filled slot to the consumer, the tail hands the empty slot "
	       "back. One's own index may be read relaxed: nobody else writes it.",
	.ref = "C11 7.17.3 paragraphs 3 to 5: release and acquire",
	.expect = JOSTLE_PASS,
	.setup = setup_ordered,
	.observe = observe,
	.threads = { { "producer", producer }, { "consumer", consumer } },
	.outcomes = { { "0: 0 0", JOSTLE_ALLOWED, "the consumer came too early" },
		      { "1: 1 0", JOSTLE_ALLOWED, "one was taken" },
		      { "2: 1 2", JOSTLE_ALLOWED, "both were taken" } },
};
