/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The counter was a data race; then somebody made it atomic and kept the line. A load, an addition
 * and a store are three steps even when the load and the store are atomic. The race report is gone
 * and the bug is not.
 */
#include "jostle.h"

#include <stdatomic.h>
#include <stdio.h>

struct jostle_state {
	atomic_int likes;
};

static void like(struct jostle_state *s)
{
	int likes = atomic_load(&s->likes);

	atomic_store(&s->likes, likes + 1); /* OUTCOME: of an old number */
}

static void like_at_once(struct jostle_state *s)
{
	atomic_fetch_add(&s->likes, 1);
}

static int setup(struct jostle_state *s)
{
	atomic_init(&s->likes, 0);
	return 0;
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d", atomic_load(&s->likes));
}

JOSTLE_CASE(broken) = {
	.title = "An atomic load and an atomic store lose an update",
	.tags = "counter lost-update atomic",
	.why = "Without data race is not without fault. What was meant to be one step must be "
	       "written as one operation.",
	.ref = "Flanagan, Freund: Atomizer, POPL 2004: atomicity is not freedom from races",
	.expect = JOSTLE_OUTCOME,
	.needs = JOSTLE_NEEDS_ACCESSES,
	.setup = setup,
	.observe = observe,
	.threads = { { "reader 1", like }, { "reader 2", like }, { "reader 3", like } },
	.outcomes = { { "3", JOSTLE_ALLOWED, "all counted" },
		      { "2", JOSTLE_FORBIDDEN, "one is lost" },
		      { "1", JOSTLE_FORBIDDEN, "two are lost" } },
};

JOSTLE_CASE(fixed) = {
	.title = "One atomic addition",
	.tags = "counter atomic",
	.why = "Nobody comes between its load and its store.",
	.ref = "C11 7.17.7.5: atomic_fetch and modify",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.threads = { { "reader 1", like_at_once },
		     { "reader 2", like_at_once },
		     { "reader 3", like_at_once } },
	.outcomes = { { "3", JOSTLE_ALLOWED, "all counted" } },
};
