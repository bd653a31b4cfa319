/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A hazard pointer that is announced and validated, as it should be, but with a release store: the
 * reader finds the pointer unchanged while its announcement is still on its way to the writer, who
 * looks, sees none, and frees the object that the reader is about to use.
 */
#include "jostle.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

struct version {
	char name[16];
	int number;
};

struct jostle_state {
	struct version *_Atomic current;
	struct version *_Atomic hazard; /* what the reader uses */
	struct version *next, *left;    /* of the writer */
	int seen;
};

static void read_version(struct jostle_state *s)
{
	struct version *version = atomic_load_explicit(&s->current, memory_order_acquire), *again;

	for (;;) {
		atomic_store_explicit(&s->hazard, version, memory_order_release);
		again = atomic_load_explicit(&s->current, memory_order_acquire);
		if (again == version)
			break;
		version = again;
	}
	s->seen = version->number; /* RACE: its announcement was not seen */
	atomic_store_explicit(&s->hazard, NULL, memory_order_release);
}

static void read_version_fenced(struct jostle_state *s)
{
	struct version *version = atomic_load_explicit(&s->current, memory_order_acquire), *again;

	for (;;) {
		atomic_store_explicit(&s->hazard, version, memory_order_relaxed);
		atomic_thread_fence(memory_order_seq_cst);
		again = atomic_load_explicit(&s->current, memory_order_acquire);
		if (again == version)
			break;
		version = again;
	}
	s->seen = version->number;
	atomic_store_explicit(&s->hazard, NULL, memory_order_release);
}

static void replace(struct jostle_state *s)
{
	struct version *old = atomic_exchange_explicit(&s->current, s->next, memory_order_acq_rel);

	atomic_thread_fence(memory_order_seq_cst);
	if (atomic_load_explicit(&s->hazard, memory_order_acquire) == old)
		s->left = old; /* somebody uses it: later */
	else
		free(old); /* RACE: nobody seems to use it */
}

static struct version *version_new(int number)
{
	struct version *version = calloc(1, sizeof(*version)); /* SEE: here it is allocated */

	if (version)
		version->number = number;
	return version;
}

static int setup(struct jostle_state *s)
{
	struct version *first = version_new(1);

	s->next = version_new(2);
	atomic_init(&s->current, first);
	atomic_init(&s->hazard, NULL);
	return first && s->next ? 0 : ENOMEM;
}

static void teardown(struct jostle_state *s)
{
	free(s->left);
	free(atomic_load(&s->current));
}

JOSTLE_CASE(broken) = {
	.title = "A hazard pointer is announced without a fence",
	.tags = "weak-memory hazard-pointer use-after-free atomic",
	.why = "The announcement must be visible before the pointer is read again, and a release "
	       "store does not wait for that.",
	.ref = "Michael: Hazard Pointers, IEEE TPDS 15(6), 2004, section 3.2",
	.expect = JOSTLE_RACE,
	.also = JOSTLE_ALSO(JOSTLE_LIFETIME),
	.needs = JOSTLE_NEEDS_ACCESSES,
	.setup = setup,
	.teardown = teardown,
	.threads = { { "read", read_version }, { "replace", replace } },
};

JOSTLE_CASE(fixed) = {
	.title = "A fence stands between the announcement and the second look",
	.tags = "weak-memory hazard-pointer fence atomic",
	.why = "Either the reader sees that the pointer was replaced, or the writer sees the "
	       "announcement.",
	.ref = "Michael: Hazard Pointers, IEEE TPDS 15(6), 2004, section 3.2",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.teardown = teardown,
	.threads = { { "read", read_version_fenced }, { "replace", replace } },
};
