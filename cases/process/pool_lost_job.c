/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A pool of processes can be closed, "no more jobs, go home when all are done", or terminated,
 * "stop where you are". The parent has submitted its jobs, has nothing more to say, and terminates.
 * What lies in the pipe is lost, and so is what a worker has in its hands.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "jostle.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define JOBS 2

struct jostle_state {
	int jobs[2]; /* a pipe with one byte for each job */
	int done[2]; /* a pipe with one byte for each job that is done */
};

/* In the child. */
static void work(struct jostle_state *s)
{
	char job;

	close(s->jobs[1]);
	while (read(s->jobs[0], &job, 1) == 1)
		if (write(s->done[1], &job, 1) != 1)
			_exit(1);
	_exit(0);
}

static pid_t start_and_submit(struct jostle_state *s)
{
	pid_t worker = fork();

	if (worker == 0)
		work(s);
	for (int i = 0; i < JOBS; i++)
		if (write(s->jobs[1], "j", 1) != 1)
			_exit(1);
	return worker;
}

static void submit_and_terminate(struct jostle_state *s)
{
	pid_t worker = start_and_submit(s);

	kill(worker, SIGTERM); /* OUTCOME: at the first job or at the last */
	waitpid(worker, NULL, 0);
	close(s->jobs[1]);
}

static void submit_and_close(struct jostle_state *s)
{
	pid_t worker = start_and_submit(s);

	close(s->jobs[1]);
	waitpid(worker, NULL, 0);
}

static int setup(struct jostle_state *s)
{
	return pipe(s->jobs) || pipe(s->done) ? errno : 0;
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	int done = 0;

	ioctl(s->done[0], FIONREAD, &done);
	snprintf(text, size, "%d of %d done", done, JOBS);
}

static void teardown(struct jostle_state *s)
{
	close(s->jobs[0]);
	close(s->done[0]);
	close(s->done[1]);
}

JOSTLE_CASE(broken) = {
	.title = "A pool of processes is terminated when all jobs are submitted",
	.tags = "process pool kill",
	.why = "SIGTERM ends a process between any two of its steps. Submitted means that the job "
	       "lies in the pipe, and no more than that.",
	.ref = "POSIX.1-2017, kill(); signal(7): SIGTERM ends a process",
	.expect = JOSTLE_OUTCOME,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.body = submit_and_terminate,
	.outcomes = { { "2 of 2 done", JOSTLE_ALLOWED, "the worker was quick enough" },
		      { "1 of 2 done", JOSTLE_FORBIDDEN, "a job is lost" },
		      { "0 of 2 done", JOSTLE_FORBIDDEN, "both jobs are lost" } },
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(fixed) = {
	.title = "A pool of processes is closed and waited for",
	.tags = "process pool pipe wait",
	.why = "The worker reads the end of the pipe after the last job, and only then goes home.",
	.ref = "pipe(7): I/O on pipes and FIFOs; POSIX.1-2017, waitpid()",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.body = submit_and_close,
	.outcomes = { { "2 of 2 done", JOSTLE_ALLOWED, "all that was submitted" } },
	.schedules = 1000, /* each forks */
};
