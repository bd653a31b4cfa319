/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Main submits jobs and waits until all are done. One job fails, and its worker ends itself with
 * pthread_exit() in the middle of it. The other worker does the rest; the one job was taken from
 * the queue and is never reported, and main waits for it for ever.
 */
#include "jostle.h"

#include <errno.h>
#include <semaphore.h>
#include <stdio.h>

#define WORKERS 2
#define JOBS    3
#define BAD_JOB 1 /* cannot be done */

struct jostle_state {
	pthread_mutex_t lock;
	sem_t reported;   /* one for each job that is done or failed */
	int next;         /* guarded by lock: the first job that nobody has taken */
	int done, failed; /* guarded by lock */
};

/* Returns the job's number, or -1 when all are taken. */
static int take_job(struct jostle_state *s)
{
	int job = -1;

	pthread_mutex_lock(&s->lock);
	if (s->next < JOBS)
		job = s->next++;
	pthread_mutex_unlock(&s->lock);
	return job;
}

static void report(struct jostle_state *s, int *count)
{
	pthread_mutex_lock(&s->lock);
	++*count;
	pthread_mutex_unlock(&s->lock);
	sem_post(&s->reported);
}

static void report_failed(void *arg)
{
	struct jostle_state *s = arg;

	report(s, &s->failed);
}

static void do_job(int job)
{
	if (job == BAD_JOB)
		pthread_exit(NULL);
}

static void *worker(void *arg)
{
	struct jostle_state *s = arg;
	int job;

	while ((job = take_job(s)) >= 0) {
		do_job(job);
		report(s, &s->done);
	}
	return NULL;
}

/* Whatever ends the thread inside of the job, the job is reported. */
static void do_job_and_tell(struct jostle_state *s, int job)
{
	pthread_cleanup_push(report_failed, s);
	do_job(job);
	pthread_cleanup_pop(0);
}

static void *worker_with_handler(void *arg)
{
	struct jostle_state *s = arg;
	int job;

	while ((job = take_job(s)) >= 0) {
		do_job_and_tell(s, job);
		report(s, &s->done);
	}
	return NULL;
}

static void use_pool(struct jostle_state *s, void *(*run)(void *))
{
	pthread_t workers[WORKERS];

	for (int i = 0; i < WORKERS; i++)
		pthread_create(&workers[i], NULL, run, s);
	for (int i = 0; i < JOBS; i++)
		sem_wait(&s->reported); /* DEADLOCK: for a job that died */
	for (int i = 0; i < WORKERS; i++)
		pthread_join(workers[i], NULL);
}

static void use_silent_workers(struct jostle_state *s)
{
	use_pool(s, worker);
}

static void use_telling_workers(struct jostle_state *s)
{
	use_pool(s, worker_with_handler);
}

static int setup(struct jostle_state *s)
{
	if (sem_init(&s->reported, 0, 0))
		return errno;
	return pthread_mutex_init(&s->lock, NULL);
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d done, %d failed", s->done, s->failed);
}

static void teardown(struct jostle_state *s)
{
	pthread_mutex_destroy(&s->lock);
	sem_destroy(&s->reported);
}

JOSTLE_CASE(broken) = {
	.title = "A worker of a pool ends in the middle of a job",
	.tags = "pool semaphore pthread-exit",
	.why = "The job is no longer in the queue and not yet among the done. Nobody but the "
	       "worker "
	       "knew of it, and the worker is gone.",
	.ref = "POSIX.1-2017, pthread_exit()",
	.expect = JOSTLE_DEADLOCK,
	.cause = "semaphore",
	.setup = setup, /* no teardown: main still waits */
	.body = use_silent_workers,
};

JOSTLE_CASE(fixed) = {
	.title = "A job that ends its worker is reported by a cleanup handler",
	.tags = "pool semaphore cleanup",
	.why = "The handler runs for pthread_exit() and for a cancellation inside of the job. A "
	       "job "
	       "is done or failed, and both are counted.",
	.ref = "POSIX.1-2017, pthread_cleanup_push()",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.body = use_telling_workers,
	.outcomes = { { "2 done, 1 failed", JOSTLE_ALLOWED, "all three are heard of" } },
};
