/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two users let go of an object. Each lowers the count, and whoever brings it to zero closes the
 * object. With a plain count it may be that nobody does.
 */
#include "jostle.h"

#include <stdatomic.h>
#include <stdio.h>

struct jostle_state {
	int users;
	atomic_int users_atomic;
	atomic_int closed; /* how often */
};

static void release(struct jostle_state *s)
{
	int left = s->users - 1; /* RACE: both may read 2 */

	s->users = left; /* RACE: and both write 1 */
	if (left == 0)
		atomic_fetch_add(&s->closed, 1);
}

static void release_atomically(struct jostle_state *s)
{
	if (atomic_fetch_sub(&s->users_atomic, 1) == 1)
		atomic_fetch_add(&s->closed, 1);
}

static int setup(struct jostle_state *s)
{
	s->users = 2;
	atomic_init(&s->users_atomic, 2);
	atomic_init(&s->closed, 0);
	return 0;
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "closed %d times", atomic_load(&s->closed));
}

JOSTLE_CASE(broken) = {
	.title = "A reference count without atomics",
	.tags = "refcount lost-update",
	.why = "Both read 2 and both write 1: nobody sees 0, and the object stays for ever. It "
	       "is the counter once more, and what it counts makes it worse.",
	.ref = "CWE-911: Improper Update of Reference Count",
	.expect = JOSTLE_RACE,
	.also = JOSTLE_ALSO(JOSTLE_OUTCOME),
	.needs = JOSTLE_NEEDS_ACCESSES,
	.setup = setup,
	.observe = observe,
	.threads = { { "user 1", release }, { "user 2", release } },
	.outcomes = { { "closed 1 times", JOSTLE_ALLOWED, "by the last user" },
		      { "closed 0 times", JOSTLE_FORBIDDEN, "it leaks" } },
};

JOSTLE_CASE(fixed) = {
	.title = "The atomic subtraction tells who was last",
	.tags = "refcount atomic",
	.why = "atomic_fetch_sub() returns 1 to exactly one of them.",
	.ref = "C11 7.17.7.5 atomic_fetch and modify",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.threads = { { "user 1", release_atomically }, { "user 2", release_atomically } },
	.outcomes = { { "closed 1 times", JOSTLE_ALLOWED, "by the last user" } },
};
