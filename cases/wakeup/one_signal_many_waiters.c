/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Three runners wait behind a gate. The starter signals once per runner that it counted, but it
 * counts before the last ones have arrived, and each signal is for one who sleeps now.
 */
#include "jostle.h"

struct jostle_state {
	pthread_mutex_t lock;
	pthread_cond_t start;
	int waiting, started;
};

static void runner(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	s->waiting++;
	while (!s->started)
		pthread_cond_wait(&s->start, &s->lock); /* DEADLOCK: not one of those counted */
	pthread_mutex_unlock(&s->lock);
}

static void starter(struct jostle_state *s)
{
	int counted;

	pthread_mutex_lock(&s->lock);
	counted = s->waiting;
	pthread_mutex_unlock(&s->lock);
	for (int i = 0; i < counted; i++)
		pthread_cond_signal(&s->start); /* SEE: may wake one who came after the count */
	pthread_mutex_lock(&s->lock);
	s->started = 1;
	pthread_cond_signal(&s->start); /* SEE: and this is one signal, whoever else waits */
	pthread_mutex_unlock(&s->lock);
}

static void starter_of_all(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	s->started = 1;
	pthread_cond_broadcast(&s->start);
	pthread_mutex_unlock(&s->lock);
}

static int setup(struct jostle_state *s)
{
	int error = pthread_mutex_init(&s->lock, NULL);

	return error ? error : pthread_cond_init(&s->start, NULL);
}

static void teardown(struct jostle_state *s)
{
	pthread_cond_destroy(&s->start);
	pthread_mutex_destroy(&s->lock);
}

JOSTLE_CASE(broken) = {
	.title = "As many signals as waiters were counted, before what they wait for is true",
	.tags = "condition",
	.why = "Signals that come before the flag is set wake runners who look, find the gate "
	       "shut, and sleep again. The one signal that comes afterwards wakes one of them.",
	.ref = "POSIX.1-2017, pthread_cond_signal() and pthread_cond_broadcast()",
	.expect = JOSTLE_DEADLOCK,
	.cause = "missed-broadcast",
	.setup = setup,
	.teardown = teardown,
	.threads = { { "runner 1", runner },
		     { "runner 2", runner },
		     { "runner 3", runner },
		     { "starter", starter } },
};

JOSTLE_CASE(fixed) = {
	.title = "First the flag, then one broadcast, and no counting",
	.tags = "condition",
	.why = "A broadcast wakes whoever sleeps; whoever comes later finds the flag set.",
	.ref = "POSIX.1-2017, pthread_cond_broadcast()",
	.expect = JOSTLE_PASS,
	.opt_in = JOSTLE_SPURIOUS,
	.setup = setup,
	.teardown = teardown,
	.threads = { { "runner 1", runner },
		     { "runner 2", runner },
		     { "runner 3", runner },
		     { "starter", starter_of_all } },
};
