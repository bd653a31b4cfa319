/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A clock of 64 bits is kept as two halves of 32, as a 32-bit machine does with every long long.
 * At the moment of the carry, a reader between the two writes is off by 136 years of seconds.
 */
#include "jostle.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>

struct jostle_state {
	struct {
		uint32_t low;
		int updates; /* only the clock's own */
		uint32_t high;
	} clock;
	_Atomic uint64_t ticks;
	uint64_t seen;
};

static void advance(struct jostle_state *s, uint64_t ticks)
{
	s->clock.updates++;
	s->clock.high = (uint32_t)(ticks >> 32); /* RACE: the upper half */
	s->clock.low = (uint32_t)ticks;          /* RACE: the lower half */
}

static void tick(struct jostle_state *s)
{
	advance(s, 0x100000000);
}

static void look(struct jostle_state *s)
{
	uint64_t high = s->clock.high; /* RACE: the upper half */
	uint64_t low = s->clock.low;   /* RACE: the lower half */

	s->seen = high << 32 | low;
}

static void tick_atomically(struct jostle_state *s)
{
	atomic_fetch_add(&s->ticks, 1);
}

static void look_atomically(struct jostle_state *s)
{
	s->seen = atomic_load(&s->ticks);
}

static int setup(struct jostle_state *s)
{
	s->clock.low = 0xffffffff;
	atomic_init(&s->ticks, 0xffffffff);
	return 0;
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%" PRIx64, s->seen);
}

JOSTLE_CASE(broken) = {
	.title = "A 64-bit number is written and read in two halves",
	.tags = "torn",
	.why = "The carry changes both halves. Who reads one half before and the other after "
	       "gets a time that never was.",
	.ref = "Lamport: Concurrent Reading and Writing, CACM 20(11), 1977: clocks of many digits",
	.expect = JOSTLE_RACE,
	.also = JOSTLE_ALSO(JOSTLE_OUTCOME),
	.needs = JOSTLE_NEEDS_ACCESSES,
	.setup = setup,
	.observe = observe,
	.threads = { { "tick", tick }, { "look", look } },
	.outcomes = { { "ffffffff", JOSTLE_ALLOWED, "before the tick" },
		      { "100000000", JOSTLE_ALLOWED, "after it" },
		      { "1ffffffff", JOSTLE_FORBIDDEN, "136 years late" },
		      { "0", JOSTLE_FORBIDDEN, "136 years early" } },
};

JOSTLE_CASE(fixed) = {
	.title = "One atomic object of 64 bits",
	.tags = "atomic",
	.why = "An atomic object is read and written as a whole, with a hidden lock where the "
	       "machine cannot.",
	.ref = "C11 7.17.5: lock-free property",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.threads = { { "tick", tick_atomically }, { "look", look_atomically } },
	.outcomes = { { "ffffffff", JOSTLE_ALLOWED, "before the tick" },
		      { "100000000", JOSTLE_ALLOWED, "after it" } },
};
