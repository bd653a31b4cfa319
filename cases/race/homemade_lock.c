/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A lock is easily made: wait until the flag is down, then raise it. The flag is atomic, and the
 * lock locks nothing: two threads see it down, and both raise it.
 */
#include "jostle.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>

struct jostle_state {
	atomic_int busy;
	int page; /* guarded by busy */
};

static void lock(struct jostle_state *s)
{
	while (atomic_load(&s->busy))
		sched_yield();
	atomic_store(&s->busy, 1);
}

static void lock_by_exchange(struct jostle_state *s)
{
	while (atomic_exchange(&s->busy, 1))
		sched_yield();
}

static void unlock(struct jostle_state *s)
{
	atomic_store(&s->busy, 0);
}

static void print(struct jostle_state *s)
{
	lock(s);
	s->page += 1; /* RACE: two threads believe to hold the lock */
	unlock(s);
}

static void print_exclusively(struct jostle_state *s)
{
	lock_by_exchange(s);
	s->page += 1;
	unlock(s);
}

static int setup(struct jostle_state *s)
{
	atomic_init(&s->busy, 0);
	return 0;
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d", s->page);
}

JOSTLE_CASE(broken) = {
	.title = "A home-made lock that tests, then sets",
	.tags = "lock spin atomic check-then-act",
	.why = "Each access to the flag is atomic and the pair is not. In between, everybody "
	       "else sees the flag down as well.",
	.ref = "Herlihy: Wait-Free Synchronization, ACM TOPLAS 13(1), 1991: test-and-set",
	.expect = JOSTLE_RACE,
	.also = JOSTLE_ALSO(JOSTLE_OUTCOME),
	.needs = JOSTLE_NEEDS_ACCESSES,
	.setup = setup,
	.observe = observe,
	.threads = { { "print 1", print }, { "print 2", print } },
	.outcomes = { { "2", JOSTLE_ALLOWED, "two pages" },
		      { "1", JOSTLE_FORBIDDEN, "both printed on one page" } },
};

JOSTLE_CASE(fixed) = {
	.title = "Tested and set by one atomic exchange",
	.tags = "lock spin atomic",
	.why = "The exchange tells what the flag was before, to one thread \"down\" and to all "
	       "others \"up\".",
	.ref = "C11 7.17.7.3: atomic_exchange",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.threads = { { "print 1", print_exclusively }, { "print 2", print_exclusively } },
	.outcomes = { { "2", JOSTLE_ALLOWED, "two pages" } },
};
