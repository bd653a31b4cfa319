/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Locks are taken in opposite orders, and there is no deadlock to come: because the two orders
 * never meet, the first thread being joined before the second starts; or because a gate is held
 * around both. Tools that only collect orders report both.
 */
#include "jostle.h"

#include <stdio.h>

struct jostle_state {
	pthread_mutex_t gate, a, b;
	int steps; /* guarded by a and b together */
};

static void lock_both(struct jostle_state *s, pthread_mutex_t *first, pthread_mutex_t *second)
{
	pthread_mutex_lock(first);
	pthread_mutex_lock(second);
	s->steps++;
	pthread_mutex_unlock(second);
	pthread_mutex_unlock(first);
}

static void *a_then_b(void *arg)
{
	struct jostle_state *s = (struct jostle_state *)arg;

	lock_both(s, &s->a, &s->b);
	return NULL;
}

static void *b_then_a(void *arg)
{
	struct jostle_state *s = (struct jostle_state *)arg;

	lock_both(s, &s->b, &s->a);
	return NULL;
}

static void one_after_the_other(struct jostle_state *s)
{
	pthread_t thread;

	pthread_create(&thread, NULL, a_then_b, s);
	pthread_join(thread, NULL);
	pthread_create(&thread, NULL, b_then_a, s);
	pthread_join(thread, NULL);
}

static void forth_behind_gate(struct jostle_state *s)
{
	pthread_mutex_lock(&s->gate);
	lock_both(s, &s->a, &s->b);
	pthread_mutex_unlock(&s->gate);
}

static void back_behind_gate(struct jostle_state *s)
{
	pthread_mutex_lock(&s->gate);
	lock_both(s, &s->b, &s->a);
	pthread_mutex_unlock(&s->gate);
}

static int setup(struct jostle_state *s)
{
	int error = pthread_mutex_init(&s->gate, NULL);

	error = error ? error : pthread_mutex_init(&s->a, NULL);
	return error ? error : pthread_mutex_init(&s->b, NULL);
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d", s->steps);
}

static void teardown(struct jostle_state *s)
{
	pthread_mutex_destroy(&s->b);
	pthread_mutex_destroy(&s->a);
	pthread_mutex_destroy(&s->gate);
}

JOSTLE_CASE(joined) = {
	.title = "Opposite lock orders, with a join between them",
	.tags = "clean mutex lock-order join",
	.why = "The first thread has ended before the second begins. They cannot wait for each "
	       "other.",
	.ref = "Bensalem, Havelund: Dynamic Deadlock Analysis of Multi-threaded Programs, HVC 2005",
	.expect = JOSTLE_PASS,
	.body = one_after_the_other,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.outcomes = { { "2", JOSTLE_ALLOWED, "both" } },
};

JOSTLE_CASE(behind_gate) = {
	.title = "Opposite lock orders behind a gate",
	.tags = "clean mutex lock-order gate",
	.why = "Only one thread at a time is between its two locks.",
	.ref = "Havelund: Using Runtime Analysis to Guide Model Checking, SPIN 2000: gate locks",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "forth", forth_behind_gate }, { "back", back_behind_gate } },
	.outcomes = { { "2", JOSTLE_ALLOWED, "both" } },
};
