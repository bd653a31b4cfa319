/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hazard pointers: a reader announces which object it is about to use, and who replaces the object
 * frees the old one only if nobody announced it. The announcement comes after the pointer was read,
 * so the reader must look once more whether it still is the current one.
 */
#include "jostle.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
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
	struct version *version = atomic_load(&s->current);

	atomic_store(&s->hazard, version);
	s->seen = version->number; /* LIFETIME: replaced before it was announced */
	atomic_store(&s->hazard, NULL);
}

static void read_version_validated(struct jostle_state *s)
{
	struct version *version = atomic_load(&s->current), *again;

	for (;;) {
		atomic_store(&s->hazard, version);
		again = atomic_load(&s->current);
		if (again == version)
			break;
		version = again;
	}
	s->seen = version->number;
	atomic_store(&s->hazard, NULL);
}

static void replace(struct jostle_state *s)
{
	struct version *old = atomic_exchange(&s->current, s->next);

	if (atomic_load(&s->hazard) == old)
		s->left = old; /* somebody uses it: later */
	else
		free(old); /* SEE: nobody announced it */
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
	.title = "A hazard pointer is set and not validated",
	.tags = "hazard-pointer use-after-free atomic",
	.why = "Between reading the pointer and announcing it, the writer replaced the object, "
	       "looked for announcements, found none, and freed it.",
	.ref = "Michael: Hazard Pointers, IEEE TPDS 15(6), 2004",
	.expect = JOSTLE_LIFETIME,
	.also = JOSTLE_ALSO(JOSTLE_RACE),
	.needs = JOSTLE_NEEDS_ACCESSES,
	.setup = setup,
	.teardown = teardown,
	.threads = { { "read", read_version }, { "replace", replace } },
};

JOSTLE_CASE(fixed) = {
	.title = "After the announcement the pointer is read once more",
	.tags = "hazard-pointer atomic",
	.why = "If it still is the current one, any later replacement comes after the "
	       "announcement, and will see it. Both sides need sequential consistency.",
	.ref = "Michael: Hazard Pointers, IEEE TPDS 15(6), 2004",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.teardown = teardown,
	.threads = { { "read", read_version_validated }, { "replace", replace } },
};
