/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An array that grows moves. Who kept a pointer to one of its elements, instead of its number,
 * points into the old array, which realloc() has freed.
 */
#include "jostle.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct jostle_state {
	pthread_mutex_t lock;
	long *scores; /* guarded by lock, and so are the elements */
	size_t room;  /* guarded by lock */
	long best;
};

static void read_best(struct jostle_state *s)
{
	const long *best;

	pthread_mutex_lock(&s->lock);
	best = &s->scores[3];
	pthread_mutex_unlock(&s->lock); /* SEE: from here on the array may move */
	pthread_mutex_lock(&s->lock);
	s->best = *best; /* LIFETIME: in the old array */
	pthread_mutex_unlock(&s->lock);
}

static void read_best_by_number(struct jostle_state *s)
{
	size_t best;

	pthread_mutex_lock(&s->lock);
	best = 3;
	pthread_mutex_unlock(&s->lock);
	pthread_mutex_lock(&s->lock);
	s->best = s->scores[best];
	pthread_mutex_unlock(&s->lock);
}

static void grow(struct jostle_state *s)
{
	long *scores;

	pthread_mutex_lock(&s->lock);
	scores = realloc(s->scores, 1000 * s->room * sizeof(*scores)); /* SEE: moves it */
	if (scores) {
		s->scores = scores;
		s->room *= 1000;
	}
	pthread_mutex_unlock(&s->lock);
}

static int setup(struct jostle_state *s)
{
	s->room = 4;
	s->scores = calloc(s->room, sizeof(*s->scores)); /* SEE: here it is allocated */
	return s->scores ? pthread_mutex_init(&s->lock, NULL) : ENOMEM;
}

static void teardown(struct jostle_state *s)
{
	pthread_mutex_destroy(&s->lock);
	free(s->scores);
}

JOSTLE_CASE(broken) = {
	.title = "A pointer to an element is kept while the array grows",
	.tags = "realloc use-after-free mutex",
	.why = "realloc() frees the old array when it cannot grow where it is. Every pointer "
	       "into it dies, and the array does not know who has one.",
	.ref = "C11 7.22.3.5: realloc deallocates the old object",
	.expect = JOSTLE_LIFETIME,
	.needs = JOSTLE_NEEDS_ACCESSES,
	.setup = setup,
	.teardown = teardown,
	.threads = { { "read best", read_best }, { "grow", grow } },
};

JOSTLE_CASE(fixed) = {
	.title = "The element's number is kept, and looked up again",
	.tags = "realloc mutex",
	.why = "A number stays right wherever the array is.",
	.ref = "C11 7.22.3.5: realloc deallocates the old object",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.teardown = teardown,
	.threads = { { "read best", read_best_by_number }, { "grow", grow } },
};
