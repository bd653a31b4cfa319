/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The highest value seen so far: if mine is higher, store mine. Between the comparison and the
 * store a still higher one may arrive, and is overwritten by the lower.
 */
#include "jostle.h"

#include <stdatomic.h>
#include <stdio.h>

struct jostle_state {
	atomic_int highest;
};

static void measure(struct jostle_state *s, int value)
{
	if (value > atomic_load(&s->highest))
		atomic_store(&s->highest, value); /* OUTCOME: than what it was compared with */
}

static void measure_or_look_again(struct jostle_state *s, int value)
{
	int highest = atomic_load(&s->highest);

	while (value > highest && !atomic_compare_exchange_weak(&s->highest, &highest, value))
		;
}

static void measure_7(struct jostle_state *s)
{
	measure(s, 7);
}

static void measure_9(struct jostle_state *s)
{
	measure(s, 9);
}

static void measure_7_or_look_again(struct jostle_state *s)
{
	measure_or_look_again(s, 7);
}

static void measure_9_or_look_again(struct jostle_state *s)
{
	measure_or_look_again(s, 9);
}

static int setup(struct jostle_state *s)
{
	atomic_init(&s->highest, 0);
	return 0;
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d", atomic_load(&s->highest));
}

JOSTLE_CASE(broken) = {
	.title = "A maximum is compared, and then stored",
	.tags = "check-then-act atomic",
	.why = "7 is higher than 0, that was true. When it is stored, 9 is there.",
	.ref = "CWE-367: Time-of-check Time-of-use Race Condition",
	.expect = JOSTLE_OUTCOME,
	.needs = JOSTLE_NEEDS_ACCESSES,
	.setup = setup,
	.observe = observe,
	.threads = { { "sensor 7", measure_7 }, { "sensor 9", measure_9 } },
	.outcomes = { { "9", JOSTLE_ALLOWED, "the highest" },
		      { "7", JOSTLE_FORBIDDEN, "9 was overwritten" } },
};

JOSTLE_CASE(fixed) = {
	.title = "Stored only over what it was compared with",
	.tags = "atomic compare-exchange",
	.why = "C has no atomic maximum. A loop around a compare-exchange makes every missing "
	       "operation.",
	.ref = "C11 7.17.7.4: atomic_compare_exchange",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.threads = { { "sensor 7", measure_7_or_look_again },
		     { "sensor 9", measure_9_or_look_again } },
	.outcomes = { { "9", JOSTLE_ALLOWED, "the highest" } },
};
