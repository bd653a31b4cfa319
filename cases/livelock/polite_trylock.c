/* SPDX-License-Identifier: Apache-2.0 */
/*
 * To avoid a deadlock, each thread only *tries* the second lock and gives the first one back when
 * it does not get it. Now nobody waits, and in step with each other nobody gets anywhere either:
 * after three attempts both give up, though one of them could have gone ahead.
 */
#include "jostle.h"

#include <stdio.h>

#define ATTEMPTS 3

struct jostle_state {
	pthread_mutex_t left, right;
	int crossed;
};

/* Holds both locks and returns 1, or holds none and returns 0. */
static int try_both(pthread_mutex_t *mine, pthread_mutex_t *other)
{
	pthread_mutex_lock(mine);
	if (pthread_mutex_trylock(other) == 0)
		return 1;
	pthread_mutex_unlock(mine); /* OUTCOME: after you; no, after you */
	return 0;
}

static void cross(struct jostle_state *s, pthread_mutex_t *mine, pthread_mutex_t *other)
{
	for (int i = 0; i < ATTEMPTS; i++) {
		if (!try_both(mine, other))
			continue;
		s->crossed++;
		pthread_mutex_unlock(other);
		pthread_mutex_unlock(mine);
		return;
	}
}

static void from_left(struct jostle_state *s)
{
	cross(s, &s->left, &s->right);
}

static void from_right(struct jostle_state *s)
{
	cross(s, &s->right, &s->left);
}

/* An order makes politeness unnecessary: wait for both, left first. */
static void cross_in_order(struct jostle_state *s)
{
	pthread_mutex_lock(&s->left);
	pthread_mutex_lock(&s->right);
	s->crossed++;
	pthread_mutex_unlock(&s->right);
	pthread_mutex_unlock(&s->left);
}

static int setup(struct jostle_state *s)
{
	int error = pthread_mutex_init(&s->left, NULL);

	return error ? error : pthread_mutex_init(&s->right, NULL);
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d crossed", s->crossed);
}

static void teardown(struct jostle_state *s)
{
	pthread_mutex_destroy(&s->right);
	pthread_mutex_destroy(&s->left);
}

JOSTLE_CASE(broken) = {
	.title = "Both threads try, fail and step back together until both give up",
	.tags = "trylock mutex",
	.why = "Trylock and retry turns a deadlock into a livelock: everybody is busy and "
	       "nothing is done. The limit on attempts turns that into a failure that no log "
	       "explains.",
	.ref = "pthread_mutex_trylock(3p); Ashcroft: Proving Assertions about Parallel Programs, "
	       "1975",
	.expect = JOSTLE_OUTCOME,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "from left", from_left }, { "from right", from_right } },
	.outcomes = { { "2 crossed", JOSTLE_ALLOWED, "both got through" },
		      { "1 crossed", JOSTLE_INTERESTING, "one of them gave up" },
		      { "0 crossed", JOSTLE_FORBIDDEN, "both gave up and nobody used the locks" } },
};

JOSTLE_CASE(fixed) = {
	.title = "Both locks are taken in one order, without trying",
	.tags = "trylock mutex",
	.why = "With one order there is no deadlock to avoid, and so nothing to retry.",
	.ref = "pthread_mutex_lock(3p)",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "from left", cross_in_order }, { "from right", cross_in_order } },
	.outcomes = { { "2 crossed", JOSTLE_ALLOWED, "both got through" } },
};
