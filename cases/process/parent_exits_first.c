/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A process that exits takes its threads along, and not its children: these become orphans and
 * work on. Who started the program waits for the program, sees it end, and takes the work for done.
 * Some libraries therefore end such "daemon" children when the program exits, and then the work
 * never is.
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

#define LINES 3

struct jostle_state {
	int ends[2]; /* what is written here outlives the program, as in a file */
	int saved;   /* as seen when the program had ended */
};

static void save(struct jostle_state *s)
{
	for (int i = 0; i < LINES; i++)
		if (write(s->ends[1], "l", 1) != 1)
			_exit(1);
	_exit(0);
}

/* The program: starts a worker, does with it what end says, and exits. */
static void program(struct jostle_state *s, void (*end)(pid_t worker))
{
	pid_t worker = fork();

	if (worker == 0)
		save(s);
	end(worker);
	_exit(0);
}

/* The shell: runs the program and looks at what it left. */
static void shell(struct jostle_state *s, void (*end)(pid_t worker))
{
	pid_t child = fork();

	if (child == 0)
		program(s, end);
	waitpid(child, NULL, 0);
	ioctl(s->ends[0], FIONREAD, &s->saved);
}

static void leave_it(pid_t worker)
{
	(void)worker; /* OUTCOME(broken): it works on, and nobody waits for it */
}

static void terminate_it(pid_t worker)
{
	kill(worker, SIGTERM); /* OUTCOME(broken_daemon): wherever it is */
	waitpid(worker, NULL, 0);
}

static void wait_for_it(pid_t worker)
{
	waitpid(worker, NULL, 0);
}

static void program_that_leaves(struct jostle_state *s)
{
	shell(s, leave_it);
}

static void program_that_terminates(struct jostle_state *s)
{
	shell(s, terminate_it);
}

static void program_that_waits(struct jostle_state *s)
{
	shell(s, wait_for_it);
}

static int setup(struct jostle_state *s)
{
	return pipe(s->ends) ? errno : 0;
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%s", s->saved == LINES ? "all saved" : "lines are missing");
}

static void teardown(struct jostle_state *s)
{
	close(s->ends[0]);
	close(s->ends[1]);
}

JOSTLE_CASE(broken) = {
	.title = "A program exits before its child has done the work",
	.tags = "process daemon orphan exit",
	.why = "The end of a process says nothing of its children. An orphan is adopted by init, "
	       "and whoever waited for the program has no way to wait for it.",
	.ref = "POSIX.1-2017, _exit(): Consequences of Process Termination",
	.expect = JOSTLE_OUTCOME,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.body = program_that_leaves,
	.outcomes = { { "all saved", JOSTLE_ALLOWED, "the worker was quicker" },
		      { "lines are missing", JOSTLE_FORBIDDEN, "read before they were written" } },
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(broken_daemon) = {
	.title = "A program terminates its child at its own exit, wherever the child is",
	.tags = "process daemon kill exit",
	.why = "This is what a daemon process means in some libraries: no orphan stays, and what "
	       "the child had not done yet is not done at all.",
	.ref = "POSIX.1-2017, kill(); signal(7): SIGTERM ends a process",
	.expect = JOSTLE_OUTCOME,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.body = program_that_terminates,
	.outcomes = { { "all saved", JOSTLE_ALLOWED, "the worker was quicker" },
		      { "lines are missing", JOSTLE_FORBIDDEN, "cut off" } },
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(fixed) = {
	.title = "A program waits for the child whose work is needed",
	.tags = "process daemon wait exit",
	.why = "Then the program's end means that all of it has ended.",
	.ref = "POSIX.1-2017, waitpid()",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.body = program_that_waits,
	.outcomes = { { "all saved", JOSTLE_ALLOWED, "always" } },
	.schedules = 1000, /* each forks */
};
