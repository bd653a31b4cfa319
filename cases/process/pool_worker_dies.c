/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parent submits jobs and waits for as many results. One job crashes its worker. The other
 * worker does the rest; the one job was read from the pipe and is never answered, and the parent
 * waits for its result for ever. Unlike with threads, the program lives on: only the worker died.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "jostle.h"

#include <errno.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORKERS 2
#define JOBS    3
#define BAD_JOB 'b' /* ends whoever does it */

struct jostle_state {
	int jobs[2];    /* a pipe with one byte for each job */
	sem_t *results; /* between processes: one for each result */
	int heard, died;
};

/* In the child. */
static void work(struct jostle_state *s)
{
	char job;

	close(s->jobs[1]);
	while (read(s->jobs[0], &job, 1) == 1) {
		if (job == BAD_JOB)
			_exit(1);
		sem_post(s->results);
	}
	_exit(0);
}

static void start_and_submit(struct jostle_state *s)
{
	for (int i = 0; i < WORKERS; i++)
		if (fork() == 0)
			work(s);
	close(s->jobs[0]);
	if (write(s->jobs[1], "abc", JOBS) != JOBS)
		_exit(1);
	close(s->jobs[1]);
}

static void wait_for_results(struct jostle_state *s)
{
	start_and_submit(s);
	for (; s->heard < JOBS; s->heard++)
		sem_wait(s->results); /* DEADLOCK: for the result of a job that died */
	for (int i = 0; i < WORKERS; i++)
		wait(NULL);
}

/* Waits for the workers, who can only end, and counts what they left. */
static void wait_for_workers(struct jostle_state *s)
{
	int status;

	start_and_submit(s);
	for (int i = 0; i < WORKERS; i++)
		if (wait(&status) > 0 && status)
			s->died++;
	while (sem_trywait(s->results) == 0)
		s->heard++;
}

static int setup(struct jostle_state *s)
{
	void *memory = mmap(NULL, sizeof(*s->results), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return errno;
	s->results = memory;
	return sem_init(s->results, 1, 0) || pipe(s->jobs) ? errno : 0;
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d results, %d died", s->heard, s->died);
}

static void teardown(struct jostle_state *s)
{
	sem_destroy(s->results);
	munmap(s->results, sizeof(*s->results));
}

JOSTLE_CASE(broken) = {
	.title = "A worker process dies in the middle of a job, and its result is waited for",
	.tags = "process pool exit semaphore",
	.why = "The job is no longer in the pipe and has no result. A result that never comes "
	       "looks "
	       "like one that takes long, unless somebody also waits for the workers.",
	.ref = "POSIX.1-2017, wait(): the status of a child that ended",
	.expect = JOSTLE_DEADLOCK,
	.cause = "semaphore",
	.setup = setup, /* no teardown: the parent still waits */
	.body = wait_for_results,
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(fixed) = {
	.title = "The workers are waited for, and what they left is counted",
	.tags = "process pool exit wait",
	.why = "A worker ends with a status, done or dead, so the wait always comes to its end. "
	       "The job without a result is then known, and can be given to somebody else.",
	.ref = "POSIX.1-2017, wait(): the status of a child that ended",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.body = wait_for_workers,
	.outcomes = { { "2 results, 1 died", JOSTLE_ALLOWED, "the death is seen" } },
	.schedules = 1000, /* each forks */
};
