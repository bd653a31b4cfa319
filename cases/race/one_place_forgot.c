/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A number is counted with atomic operations everywhere but in one place, which sets it back with
 * an ordinary assignment. Atomicity is a property of all accesses, not of the most.
 */
#include "jostle.h"

#include <stdio.h>

struct jostle_state {
	long bytes; /* atomic by the way in which it is accessed */
	long reported;
};

static void receive(struct jostle_state *s)
{
	__atomic_fetch_add(&s->bytes, 10, __ATOMIC_RELAXED); /* RACE: atomic, the other is not */
}

static void report(struct jostle_state *s)
{
	s->reported = s->bytes; /* RACE: a plain read */
	s->bytes = 0;           /* RACE: a plain write */
}

static void report_atomically(struct jostle_state *s)
{
	s->reported = __atomic_exchange_n(&s->bytes, 0, __ATOMIC_RELAXED);
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%ld", s->reported + s->bytes);
}

JOSTLE_CASE(broken) = {
	.title = "One plain access to a variable that is otherwise atomic",
	.tags = "counter atomic lost-update",
	.why = "An atomic access and a plain one of the same variable race. Bytes that arrive "
	       "between the read and the assignment are wiped out.",
	.ref = "C11 5.1.2.4 paragraph 25: at least one of which is not atomic",
	.expect = JOSTLE_RACE,
	.also = JOSTLE_ALSO(JOSTLE_OUTCOME),
	.needs = JOSTLE_NEEDS_ACCESSES,
	.observe = observe,
	.threads = { { "receive 1", receive }, { "receive 2", receive }, { "report", report } },
	.outcomes = { { "20", JOSTLE_ALLOWED, "every byte was counted" },
		      { "10", JOSTLE_FORBIDDEN, "ten bytes were wiped out" },
		      { "0", JOSTLE_FORBIDDEN, "twenty bytes were wiped out" } },
};

JOSTLE_CASE(fixed) = {
	.title = "Read and set back by one atomic exchange",
	.tags = "counter atomic",
	.why = "An _Atomic object would not have let the plain access through: there the "
	       "type, not the caller, decides.",
	.ref = "C11 7.17.7.3: atomic_exchange",
	.expect = JOSTLE_PASS,
	.observe = observe,
	.threads = { { "receive 1", receive },
		     { "receive 2", receive },
		     { "report", report_atomically } },
	.outcomes = { { "20", JOSTLE_ALLOWED, "every byte was counted" } },
};
