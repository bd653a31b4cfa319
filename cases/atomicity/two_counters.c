/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests and bytes are counted in two atomics. Each is always right. An observer that reads both
 * in the middle of an update computes an average that no moment had.
 */
#include "jostle.h"

#include <stdatomic.h>
#include <stdio.h>

struct jostle_state {
	atomic_uint requests, bytes; /* each request has 10 bytes */
	_Atomic unsigned long both;  /* requests in the upper half, bytes in the lower */
	unsigned seen_requests, seen_bytes;
};

static void serve(struct jostle_state *s)
{
	atomic_fetch_add(&s->requests, 1);
	atomic_fetch_add(&s->bytes, 10); /* OUTCOME: in between the two do not fit */
}

static void report(struct jostle_state *s)
{
	s->seen_requests = atomic_load(&s->requests);
	s->seen_bytes = atomic_load(&s->bytes);
}

static void serve_both(struct jostle_state *s)
{
	atomic_fetch_add(&s->both, (1ul << 32) + 10);
}

static void report_both(struct jostle_state *s)
{
	unsigned long both = atomic_load(&s->both);

	s->seen_requests = (unsigned)(both >> 32);
	s->seen_bytes = (unsigned)both;
}

static int setup(struct jostle_state *s)
{
	atomic_init(&s->requests, 0);
	atomic_init(&s->bytes, 0);
	atomic_init(&s->both, 0);
	return 0;
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%s",
		 s->seen_bytes == s->seen_requests * 10 ? "fits" : "does not fit");
}

JOSTLE_CASE(broken) = {
	.title = "Two numbers that belong together are two atomics",
	.tags = "invariant atomic",
	.why = "\"Bytes are ten times the requests\" is a statement about both, and it does not "
	       "hold between the two additions.",
	.ref = "Artho, Havelund, Biere: High-Level Data Races, STVR 13(4), 2003",
	.expect = JOSTLE_OUTCOME,
	.needs = JOSTLE_NEEDS_ACCESSES,
	.setup = setup,
	.observe = observe,
	.threads = { { "serve", serve }, { "report", report } },
	.outcomes = { { "fits", JOSTLE_ALLOWED, "before or after" },
		      { "does not fit", JOSTLE_FORBIDDEN, "the report fell into the middle" } },
};

JOSTLE_CASE(fixed) = {
	.title = "What belongs together shares one atomic object",
	.tags = "invariant atomic",
	.why = "Two halves of one word change in one step. What does not fit in a word needs a "
	       "lock.",
	.ref = "C11 7.17.7.5: atomic_fetch and modify",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.threads = { { "serve", serve_both }, { "report", report_both } },
	.outcomes = { { "fits", JOSTLE_ALLOWED, "before or after" } },
};
