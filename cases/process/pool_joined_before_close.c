/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The workers of a pool of processes read jobs from a pipe until its end, and the end comes when
 * the last writing end is closed. Waiting for the workers says "until they have gone home", closing
 * is what sends them home. Without it, the parent waits for the workers and the workers for a job.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "jostle.h"

#include <sys/wait.h>
#include <unistd.h>

#define WORKERS 2

struct jostle_state {
	int jobs[2]; /* a pipe with one byte for each job */
};

/* In the child. */
static void work(struct jostle_state *s)
{
	char job;

	close(s->jobs[1]);
	while (read(s->jobs[0], &job, 1) == 1) /* DEADLOCK: the parent's end is open */
		;
	_exit(0);
}

static void pool_start(struct jostle_state *s)
{
	if (pipe(s->jobs))
		_exit(1);
	for (int i = 0; i < WORKERS; i++)
		if (fork() == 0)
			work(s);
	close(s->jobs[0]);
}

static void pool_submit(struct jostle_state *s)
{
	if (write(s->jobs[1], "j", 1) != 1)
		_exit(1);
}

static void pool_close(struct jostle_state *s)
{
	close(s->jobs[1]);
}

static void pool_join(void)
{
	for (int i = 0; i < WORKERS; i++)
		wait(NULL); /* SEE: nobody has sent them home */
}

static void join_without_close(struct jostle_state *s)
{
	pool_start(s);
	pool_submit(s);
	pool_join();
	pool_close(s);
}

static void close_and_join(struct jostle_state *s)
{
	pool_start(s);
	pool_submit(s);
	pool_close(s);
	pool_join();
}

JOSTLE_CASE(broken) = {
	.title = "A pool of processes is joined before it is closed",
	.tags = "process pool join pipe",
	.why = "All jobs are done, and no worker knows that they were all. Only who submits can "
	       "say that nothing more will come, and it is waiting for the workers.",
	.ref = "pipe(7): I/O on pipes and FIFOs; POSIX.1-2017, wait()",
	.expect = JOSTLE_DEADLOCK,
	.cause = "pipe",
	.body = join_without_close,
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(fixed) = {
	.title = "First close the pipe of jobs, then wait for the workers",
	.tags = "process pool join pipe",
	.why = "The jobs that are in the pipe are read first. Then each worker reads the end and "
	       "goes home, provided that no worker has kept a writing end itself.",
	.ref = "pipe(7): I/O on pipes and FIFOs; POSIX.1-2017, wait()",
	.expect = JOSTLE_PASS,
	.body = close_and_join,
	.schedules = 1000, /* each forks */
};
