/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A pool is closed: no new jobs from now on. Its worker asks first whether the pool is closed and
 * then whether there is work, so that the jobs that were submitted before the close stay in the
 * queue, and join() returns as if all were done.
 */
#include "jostle.h"

#include <stdio.h>

#define JOBS 2

struct jostle_state {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	int waiting, closed, done; /* guarded by lock */
};

static void pool_submit(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	s->waiting++;
	pthread_cond_signal(&s->changed);
	pthread_mutex_unlock(&s->lock);
}

static void pool_close(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	s->closed = 1;
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
}

/* Runs one job; false when there is none and none will come. Called with the lock held. */
static int next_job(struct jostle_state *s)
{
	while (!s->waiting && !s->closed)
		pthread_cond_wait(&s->changed, &s->lock);
	if (!s->waiting)
		return 0;
	s->waiting--;
	s->done++;
	return 1;
}

static void *worker(void *arg)
{
	struct jostle_state *s = arg;

	pthread_mutex_lock(&s->lock);
	while (!s->closed && next_job(s)) { /* OUTCOME: closed does not mean empty */
		pthread_mutex_unlock(&s->lock);
		pthread_mutex_lock(&s->lock);
	}
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

static void *worker_who_empties(void *arg)
{
	struct jostle_state *s = arg;

	pthread_mutex_lock(&s->lock);
	while (next_job(s)) {
		pthread_mutex_unlock(&s->lock);
		pthread_mutex_lock(&s->lock);
	}
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

static void use_pool(struct jostle_state *s, void *(*work)(void *))
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, work, s))
		return;
	for (int i = 0; i < JOBS; i++)
		pool_submit(s);
	pool_close(s);
	pthread_join(thread, NULL);
}

static void use_losing_pool(struct jostle_state *s)
{
	use_pool(s, worker);
}

static void use_emptying_pool(struct jostle_state *s)
{
	use_pool(s, worker_who_empties);
}

static int setup(struct jostle_state *s)
{
	int error = pthread_mutex_init(&s->lock, NULL);

	return error ? error : pthread_cond_init(&s->changed, NULL);
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d of %d done", s->done, JOBS);
}

static void teardown(struct jostle_state *s)
{
	pthread_cond_destroy(&s->changed);
	pthread_mutex_destroy(&s->lock);
}

JOSTLE_CASE(broken) = {
	.title = "A closed pool forgets the jobs that were submitted before",
	.tags = "pool queue",
	.why = "Closing ends the submitting, not the working. A worker that leaves as soon as it "
	       "sees the mark leaves jobs behind that somebody believes to be done.",
	.ref = "Andrews: Foundations of Multithreaded, Parallel, and Distributed Programming, "
	       "2000: the bag of tasks",
	.expect = JOSTLE_OUTCOME,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.body = use_losing_pool,
	.outcomes = { { "2 of 2 done", JOSTLE_ALLOWED, "the worker was quick enough" },
		      { "1 of 2 done", JOSTLE_FORBIDDEN, "a job is lost" },
		      { "0 of 2 done", JOSTLE_FORBIDDEN, "both jobs are lost" } },
};

JOSTLE_CASE(fixed) = {
	.title = "A worker leaves when the pool is closed and the queue is empty",
	.tags = "pool queue",
	.why = "Work first, then the mark: closed and empty together mean that nothing will come.",
	.ref = "Andrews: Foundations of Multithreaded, Parallel, and Distributed Programming, "
	       "2000: the bag of tasks",
	.expect = JOSTLE_PASS,
	.opt_in = JOSTLE_SPURIOUS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.body = use_emptying_pool,
	.outcomes = { { "2 of 2 done", JOSTLE_ALLOWED, "all that was submitted" } },
};
