/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "It is shared, so I made it volatile." volatile tells the compiler to do each access where it is
 * written, for device registers and signal handlers. It makes no access atomic and orders nothing
 * between threads.
 */
#include "jostle.h"

#include <stdatomic.h>
#include <stdio.h>

struct jostle_state {
	volatile int tickets;
	atomic_int tickets_atomic;
};

static void sell(struct jostle_state *s)
{
	int left = s->tickets; /* RACE: volatile, and still a plain read */

	s->tickets = left - 1; /* RACE: from a value that may be out of date */
}

static void sell_atomically(struct jostle_state *s)
{
	atomic_fetch_sub(&s->tickets_atomic, 1);
}

static int setup(struct jostle_state *s)
{
	s->tickets = 9;
	atomic_init(&s->tickets_atomic, 9);
	return 0;
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d", s->tickets);
}

static void observe_atomic(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d", atomic_load(&s->tickets_atomic));
}

JOSTLE_CASE(broken) = {
	.title = "volatile is taken for atomic",
	.tags = "counter volatile lost-update",
	.why = "A volatile read and a volatile write are two accesses, and another thread fits "
	       "between them. To C they are a data race like any other.",
	.ref = "C11 6.7.3 paragraph 7 says what volatile means; threads are not in it",
	.expect = JOSTLE_RACE,
	.also = JOSTLE_ALSO(JOSTLE_OUTCOME),
	.needs = JOSTLE_NEEDS_ACCESSES,
	.setup = setup,
	.observe = observe,
	.threads = { { "booth 1", sell }, { "booth 2", sell } },
	.outcomes = { { "7", JOSTLE_ALLOWED, "two sold" },
		      { "8", JOSTLE_FORBIDDEN, "one ticket was sold twice" } },
};

JOSTLE_CASE(fixed) = {
	.title = "An atomic object and one operation on it",
	.tags = "counter atomic",
	.why = "_Atomic is the type for what several threads change without a lock.",
	.ref = "C11 7.17.7.5 atomic_fetch and modify",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe_atomic,
	.threads = { { "booth 1", sell_atomically }, { "booth 2", sell_atomically } },
	.outcomes = { { "7", JOSTLE_ALLOWED, "two sold" } },
};
