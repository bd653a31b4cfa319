/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The workers of a pool wait for jobs until the pool is closed. Joining says "wait until they have
 * gone home", closing is what sends them home. Without it, main waits for the workers and the
 * workers for a job.
 */
#include "jostle.h"

#include <errno.h>
#include <semaphore.h>
#include <stdio.h>

#define WORKERS 2
#define JOBS    2

struct jostle_state {
	sem_t calls; /* one for each job, and one more for each worker when the pool is closed */
	pthread_mutex_t lock;
	int waiting, done; /* guarded by lock */
	pthread_t workers[WORKERS];
};

/* Does one job. False when there is none, which means: go home. */
static int do_job(struct jostle_state *s)
{
	int found;

	pthread_mutex_lock(&s->lock);
	found = s->waiting > 0;
	s->waiting -= found;
	s->done += found;
	pthread_mutex_unlock(&s->lock);
	return found;
}

static void *worker(void *arg)
{
	struct jostle_state *s = arg;

	do
		sem_wait(&s->calls); /* DEADLOCK: for a call that never comes */
	while (do_job(s));
	return NULL;
}

static void pool_start(struct jostle_state *s)
{
	for (int i = 0; i < WORKERS; i++)
		pthread_create(&s->workers[i], NULL, worker, s);
}

static void pool_submit(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	s->waiting++;
	pthread_mutex_unlock(&s->lock);
	sem_post(&s->calls);
}

/* A call without a job sends a worker home. */
static void pool_close(struct jostle_state *s)
{
	for (int i = 0; i < WORKERS; i++)
		sem_post(&s->calls);
}

static void pool_join(struct jostle_state *s)
{
	for (int i = 0; i < WORKERS; i++)
		pthread_join(s->workers[i], NULL); /* SEE: nobody has sent them home */
}

static void start_and_submit(struct jostle_state *s)
{
	pool_start(s);
	for (int i = 0; i < JOBS; i++)
		pool_submit(s);
}

static void join_without_close(struct jostle_state *s)
{
	start_and_submit(s);
	pool_join(s);
	pool_close(s);
}

static void close_and_join(struct jostle_state *s)
{
	start_and_submit(s);
	pool_close(s);
	pool_join(s);
}

static int setup(struct jostle_state *s)
{
	if (sem_init(&s->calls, 0, 0))
		return errno;
	return pthread_mutex_init(&s->lock, NULL);
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d of %d done", s->done, JOBS);
}

static void teardown(struct jostle_state *s)
{
	pthread_mutex_destroy(&s->lock);
	sem_destroy(&s->calls);
}

JOSTLE_CASE(broken) = {
	.title = "A pool is joined before it is closed",
	.tags = "pool join semaphore",
	.why = "All jobs are done, and no worker knows that they were all. Only who submits can "
	       "say that nothing more will come, and it is waiting in the join.",
	.ref = "Andrews: Foundations of Multithreaded, Parallel, and Distributed Programming, "
	       "2000: the bag of tasks",
	.expect = JOSTLE_DEADLOCK,
	.cause = "semaphore",
	.setup = setup, /* no teardown: the workers still wait */
	.body = join_without_close,
};

JOSTLE_CASE(fixed) = {
	.title = "First close, then join",
	.tags = "pool join semaphore",
	.why = "Closing calls each worker once more. Who finds no job at a call goes home, and all "
	       "jobs were called out before.",
	.ref = "Andrews: Foundations of Multithreaded, Parallel, and Distributed Programming, "
	       "2000: the bag of tasks",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.body = close_and_join,
	.outcomes = { { "2 of 2 done", JOSTLE_ALLOWED, "all that was submitted" } },
};
