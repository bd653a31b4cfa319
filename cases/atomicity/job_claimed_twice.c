/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A job has a flag that says that somebody is at it. A worker that finds the flag down raises it
 * and does the job. Two workers can find it down.
 */
#include "jostle.h"

#include <stdatomic.h>
#include <stdio.h>

struct jostle_state {
	atomic_bool claimed;
	atomic_int done;
};

static void work(struct jostle_state *s)
{
	if (atomic_load(&s->claimed))
		return;
	atomic_store(&s->claimed, 1);  /* OUTCOME: the other one raises it as well */
	atomic_fetch_add(&s->done, 1); /* SEE: the job */
}

static void work_if_first(struct jostle_state *s)
{
	if (atomic_exchange(&s->claimed, 1))
		return;
	atomic_fetch_add(&s->done, 1);
}

static int setup(struct jostle_state *s)
{
	atomic_init(&s->claimed, 0);
	atomic_init(&s->done, 0);
	return 0;
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d", atomic_load(&s->done));
}

JOSTLE_CASE(broken) = {
	.title = "A job is claimed by a test and a store",
	.tags = "check-then-act atomic",
	.why = "Whoever tests before the other one stores believes to be the first.",
	.ref = "Herlihy: Wait-Free Synchronization, ACM TOPLAS 13(1), 1991: test-and-set",
	.expect = JOSTLE_OUTCOME,
	.needs = JOSTLE_NEEDS_ACCESSES,
	.setup = setup,
	.observe = observe,
	.threads = { { "worker 1", work }, { "worker 2", work } },
	.outcomes = { { "1", JOSTLE_ALLOWED, "done once" },
		      { "2", JOSTLE_FORBIDDEN, "done by both" } },
};

JOSTLE_CASE(fixed) = {
	.title = "A job is claimed by an exchange",
	.tags = "atomic exchange",
	.why = "The exchange raises the flag and tells in the same step whether it was down.",
	.ref = "C11 7.17.7.3: atomic_exchange",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.threads = { { "worker 1", work_if_first }, { "worker 2", work_if_first } },
	.outcomes = { { "1", JOSTLE_ALLOWED, "done once" } },
};
