/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lesson 8: say what must be true of the data, and have it checked. "Both accounts together hold
 * 200" is broken for a moment inside each transfer. That is fine as long as the lock is held; it
 * must be true again when the lock is free, since then anybody may look.
 */
#include "jostle.h"

struct jostle_state {
	pthread_mutex_t lock;
	long checking, savings;
};

static void transfer_in_two_steps(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	s->checking -= 30;
	pthread_mutex_unlock(&s->lock); /* INVARIANT: 30 are in nobody's account */
	pthread_mutex_lock(&s->lock);   /* SEE: until here everybody can see that */
	s->savings += 30;
	pthread_mutex_unlock(&s->lock);
}

static void transfer_at_once(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	s->checking -= 30;
	s->savings += 30;
	pthread_mutex_unlock(&s->lock);
}

/* Guarded by lock: asked only while nobody holds it. */
static int nothing_is_lost(struct jostle_state *s)
{
	return s->checking + s->savings == 200;
}

static pthread_mutex_t *the_lock(struct jostle_state *s)
{
	return &s->lock;
}

static int setup(struct jostle_state *s)
{
	s->checking = s->savings = 100;
	return pthread_mutex_init(&s->lock, NULL);
}

static void teardown(struct jostle_state *s)
{
	pthread_mutex_destroy(&s->lock);
}

JOSTLE_CASE(broken) = {
	.title = "Two fields that belong together are changed in two critical sections",
	.tags = "tutorial atomicity invariant",
	.why = "At the end the sum is right again, so that no test which looks at the end sees "
	       "anything. A thread that looks in between counts 30 too few.",
	.ref = "Hoare: Monitors, Communications of the ACM 17(10), 1974: the monitor invariant",
	.expect = JOSTLE_INVARIANT,
	.setup = setup,
	.teardown = teardown,
	.threads = { { "transfer 1", transfer_in_two_steps },
		     { "transfer 2", transfer_in_two_steps } },
	.invariant = nothing_is_lost,
	.guarded_by = the_lock,
};

JOSTLE_CASE(fixed) = {
	.title = "Both fields are changed in one critical section",
	.tags = "tutorial atomicity invariant",
	.why = "The invariant may break while the lock is held; it is restored before the "
	       "unlock.",
	.ref = "Hoare: Monitors, Communications of the ACM 17(10), 1974: the monitor invariant",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.teardown = teardown,
	.threads = { { "transfer 1", transfer_at_once }, { "transfer 2", transfer_at_once } },
	.invariant = nothing_is_lost,
	.guarded_by = the_lock,
};
