/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Three threads swap boxes at one counter. Each puts its own box there by an atomic exchange of
 * the pointer, gets the one that lay there, and owns that from then on. One exchange is both
 * sides: it releases the box it puts and acquires the box it gets.
 */
#include "jostle.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

struct box {
	int content; /* of whoever got the pointer */
};

struct jostle_state {
	_Atomic(struct box *) counter;
	atomic_int sum; /* relaxed: read after the joins */
};

static void swap(struct jostle_state *s)
{
	struct box *box = malloc(sizeof(*box));

	if (!box)
		abort();
	box->content = 1;
	box = atomic_exchange_explicit(&s->counter, box, memory_order_acq_rel);
	box->content += 10;
	atomic_fetch_add_explicit(&s->sum, box->content, memory_order_relaxed);
	free(box);
}

static int setup(struct jostle_state *s)
{
	struct box *first = calloc(1, sizeof(*first));

	atomic_init(&s->counter, first);
	atomic_init(&s->sum, 0);
	return first ? 0 : ENOMEM;
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d left %d", atomic_load(&s->sum), atomic_load(&s->counter)->content);
}

static void teardown(struct jostle_state *s)
{
	free(atomic_load(&s->counter));
}

JOSTLE_CASE(exchanged) = {
	.title = "Boxes change hands by one exchange that releases and acquires",
	.tags = "clean atomic exchange ownership free",
	.why = "Each box is got once, by the exchange that reads what its owner's exchange wrote. "
	       "That pair orders the filling before the use and the free.",
	.ref = "C11 7.17.3 paragraph 2 and 7.17.7.3 atomic_exchange",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "first", swap }, { "second", swap }, { "third", swap } },
	.outcomes = { { "32 left 1", JOSTLE_ALLOWED, "three boxes got, the fourth lies there" } },
};
