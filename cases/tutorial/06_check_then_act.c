/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lesson 6: an answer is old as soon as the lock is released. Each function of this queue locks by
 * itself and is right by itself. "Is there a job?" followed by "then give it to me" is not.
 */
#include "jostle.h"

#include <stdio.h>

struct jostle_state {
	pthread_mutex_t lock;
	int jobs;
};

static int queue_is_empty(struct jostle_state *s)
{
	int empty;

	pthread_mutex_lock(&s->lock);
	empty = s->jobs == 0;
	pthread_mutex_unlock(&s->lock);
	return empty;
}

static void queue_take(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	s->jobs--; /* OUTCOME: there may be none any more */
	pthread_mutex_unlock(&s->lock);
}

static void worker(struct jostle_state *s)
{
	if (!queue_is_empty(s))
		queue_take(s);
}

/* The question and the act in one critical section: the queue must offer that. */
static int queue_try_take(struct jostle_state *s)
{
	int taken;

	pthread_mutex_lock(&s->lock);
	taken = s->jobs > 0;
	s->jobs -= taken;
	pthread_mutex_unlock(&s->lock);
	return taken;
}

static void worker_who_tries(struct jostle_state *s)
{
	queue_try_take(s);
}

static int setup(struct jostle_state *s)
{
	s->jobs = 1;
	return pthread_mutex_init(&s->lock, NULL);
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d jobs left", s->jobs);
}

static void teardown(struct jostle_state *s)
{
	pthread_mutex_destroy(&s->lock);
}

JOSTLE_CASE(broken) = {
	.title = "Check, then act: the queue is empty by the time the job is taken",
	.tags = "tutorial atomicity queue",
	.why = "Both workers ask while one job is left, both are told that there is one, and "
	       "both take it. A thread-safe class does not make its callers thread-safe.",
	.ref = "CWE-367: Time-of-check Time-of-use (TOCTOU) Race Condition",
	.expect = JOSTLE_OUTCOME,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "worker 1", worker }, { "worker 2", worker } },
	.outcomes = { { "0 jobs left", JOSTLE_ALLOWED, "one of them got the job" },
		      { "-1 jobs left", JOSTLE_FORBIDDEN, "both got the same job" } },
};

JOSTLE_CASE(fixed) = {
	.title = "One operation that takes a job if there is one",
	.tags = "tutorial atomicity queue",
	.why = "The check and the act share one critical section, so that the answer is still "
	       "true when it is used.",
	.ref = "CWE-367: Time-of-check Time-of-use (TOCTOU) Race Condition",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "worker 1", worker_who_tries }, { "worker 2", worker_who_tries } },
	.outcomes = { { "0 jobs left", JOSTLE_ALLOWED, "one of them got the job" } },
};
