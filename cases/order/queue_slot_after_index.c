/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A queue that many producers share: each reserves a slot by stepping the index on, and then fills
 * it. The consumer takes the index for the number of filled slots. It is the number of reserved
 * ones.
 */
#include "jostle.h"

#include <stdatomic.h>
#include <stdio.h>

#define SLOTS 4

struct jostle_state {
	int slots[SLOTS];
	atomic_int reserved;
	atomic_bool filled[SLOTS];
	int sum;
};

static void put(struct jostle_state *s)
{
	int slot = atomic_fetch_add(&s->reserved, 1);

	s->slots[slot] = 5; /* RACE: the consumer believes that it is there */
}

static void add_up(struct jostle_state *s)
{
	int count = atomic_load(&s->reserved);

	for (int i = 0; i < count; i++)
		s->sum += s->slots[i] - 5; /* RACE: reserved, and perhaps not filled */
}

static void put_and_say(struct jostle_state *s)
{
	int slot = atomic_fetch_add(&s->reserved, 1);

	s->slots[slot] = 5;
	atomic_store(&s->filled[slot], 1);
}

static void add_up_filled(struct jostle_state *s)
{
	int count = atomic_load(&s->reserved);

	for (int i = 0; i < count; i++)
		if (atomic_load(&s->filled[i]))
			s->sum += s->slots[i] - 5;
}

static int setup(struct jostle_state *s)
{
	atomic_init(&s->reserved, 0);
	for (int i = 0; i < SLOTS; i++)
		atomic_init(&s->filled[i], 0);
	return 0;
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%s", s->sum ? "empty slots were taken" : "only filled ones");
}

JOSTLE_CASE(broken) = {
	.title = "The index of a queue is stepped on before the slot is filled",
	.tags = "queue publication atomic",
	.why = "The index is atomic and even sequentially consistent. That orders what comes "
	       "before it, and the filling comes after.",
	.ref = "C11 5.1.2.4 paragraph 11: a release synchronizes with an acquire",
	.expect = JOSTLE_RACE,
	.also = JOSTLE_ALSO(JOSTLE_OUTCOME),
	.needs = JOSTLE_NEEDS_ACCESSES,
	.setup = setup,
	.observe = observe,
	.threads = { { "put 1", put }, { "put 2", put }, { "add up", add_up } },
	.outcomes = { { "only filled ones", JOSTLE_ALLOWED, "by luck" },
		      { "empty slots were taken", JOSTLE_FORBIDDEN, "before they were filled" } },
};

JOSTLE_CASE(fixed) = {
	.title = "Each slot says itself that it is filled",
	.tags = "queue publication atomic",
	.why = "With several producers the slots become ready in any order. One flag for each "
	       "slot, set after it is filled, is what the consumer looks at.",
	.ref = "C11 5.1.2.4 paragraph 11: a release synchronizes with an acquire",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.threads = { { "put 1", put_and_say },
		     { "put 2", put_and_say },
		     { "add up", add_up_filled } },
	.outcomes = { { "only filled ones", JOSTLE_ALLOWED, "always" } },
};
