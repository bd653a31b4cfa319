/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two threads share a picture, each with a reference. One gives its reference back and looks at the
 * picture once more. Usually the other one still has its own.
 */
#include "jostle.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

struct picture {
	char name[16];
	atomic_int references;
	int width;
};

struct jostle_state {
	struct picture *picture;
	int printed;
};

static void picture_release(struct picture *picture)
{
	if (atomic_fetch_sub(&picture->references, 1) == 1)
		free(picture); /* SEE: here it is freed */
}

static void print(struct jostle_state *s)
{
	struct picture *picture = s->picture;

	picture_release(picture);
	s->printed = picture->width; /* LIFETIME: without a reference */
}

static void print_then_release(struct jostle_state *s)
{
	struct picture *picture = s->picture;

	s->printed = picture->width;
	picture_release(picture);
}

static void close_window(struct jostle_state *s)
{
	picture_release(s->picture);
}

static int setup(struct jostle_state *s)
{
	s->picture = calloc(1, sizeof(*s->picture)); /* SEE: here it is allocated */
	if (!s->picture)
		return ENOMEM;
	atomic_init(&s->picture->references, 2);
	s->picture->width = 640;
	return 0;
}

JOSTLE_CASE(broken) = {
	.title = "A reference is given back before the last use",
	.tags = "refcount use-after-free",
	.why = "A reference is the right to use the object. After giving it back it may be freed "
	       "at any moment, and is freed at once when the other side came first.",
	.ref = "CWE-416: Use After Free; CWE-911: Improper Update of Reference Count",
	.expect = JOSTLE_LIFETIME,
	.also = JOSTLE_ALSO(JOSTLE_RACE),
	.needs = JOSTLE_NEEDS_ACCESSES,
	.setup = setup,
	.threads = { { "print", print }, { "close window", close_window } },
};

JOSTLE_CASE(fixed) = {
	.title = "The reference is given back after the last use",
	.tags = "refcount atomic",
	.why = "The subtraction releases what this thread did with the picture to whoever frees "
	       "it, and acquires what the others did.",
	.ref = "C11 7.17.3: memory_order_acq_rel; CWE-911",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.threads = { { "print", print_then_release }, { "close window", close_window } },
};
