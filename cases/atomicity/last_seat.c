/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Check, then act, with atomics: is there a seat left? then take it. Each access is atomic and no
 * race detector objects, since there is no data race. Between the question and the deed somebody
 * else takes the last seat.
 */
#include "jostle.h"

#include <stdatomic.h>
#include <stdio.h>

struct jostle_state {
	atomic_int seats;
};

static void book(struct jostle_state *s)
{
	if (atomic_load(&s->seats) > 0)         /* SEE: there was one */
		atomic_fetch_sub(&s->seats, 1); /* OUTCOME: and now there is none */
}

/* Takes the number that it looked at, or looks again. */
static void book_what_was_seen(struct jostle_state *s)
{
	int seats = atomic_load(&s->seats);

	while (seats > 0 && !atomic_compare_exchange_weak(&s->seats, &seats, seats - 1))
		;
}

static int setup(struct jostle_state *s)
{
	atomic_init(&s->seats, 1);
	return 0;
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d", atomic_load(&s->seats));
}

JOSTLE_CASE(broken) = {
	.title = "The last seat is looked at, and then taken by two",
	.tags = "check-then-act atomic",
	.why = "Two atomic operations are not one. The answer to the first may be out of date "
	       "when the second acts on it.",
	.ref = "CWE-367: Time-of-check Time-of-use Race Condition",
	.expect = JOSTLE_OUTCOME,
	.needs = JOSTLE_NEEDS_ACCESSES,
	.setup = setup,
	.observe = observe,
	.threads = { { "clerk 1", book }, { "clerk 2", book } },
	.outcomes = { { "0", JOSTLE_ALLOWED, "the seat went to one of them" },
		      { "-1", JOSTLE_FORBIDDEN, "the seat was sold twice" } },
};

JOSTLE_CASE(fixed) = {
	.title = "Taken only if nothing changed since it was looked at",
	.tags = "atomic compare-exchange",
	.why = "A compare-exchange writes only if the value is still the one that was checked. "
	       "If it is not, the check is made again.",
	.ref = "C11 7.17.7.4: atomic_compare_exchange",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.threads = { { "clerk 1", book_what_was_seen }, { "clerk 2", book_what_was_seen } },
	.outcomes = { { "0", JOSTLE_ALLOWED, "the seat went to one of them" } },
};
