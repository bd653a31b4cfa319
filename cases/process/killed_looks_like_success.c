/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The status of a child says two things: how it ended, by itself or by a signal, and with which
 * number. The parent here ends a child that takes too long, and then asks for the exit number
 * alone. Of a child that was killed there is none, and what the macro gives is zero, which reads
 * "success".
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

#define LINES 6

struct jostle_state {
	int ends[2]; /* a pipe, as the file that the child writes */
	int reported;
};

/* In the child. */
static void save(struct jostle_state *s)
{
	for (int i = 0; i < LINES; i++)
		if (write(s->ends[1], "l", 1) != 1)
			_exit(1);
	_exit(0);
}

/* Returns the child's status; ends it first if a tenth of a second was not enough. */
static int run_child(struct jostle_state *s)
{
	pid_t child = fork();
	int status;

	if (child == 0)
		save(s);
	usleep(100000);
	kill(child, SIGTERM); /* does nothing to one that has ended */
	waitpid(child, &status, 0);
	return status;
}

static void ask_number(struct jostle_state *s)
{
	int status = run_child(s);

	s->reported = WEXITSTATUS(status) == 0; /* OUTCOME: zero, since it did not exit at all */
}

static void ask_both(struct jostle_state *s)
{
	int status = run_child(s);

	s->reported = WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static int setup(struct jostle_state *s)
{
	return pipe(s->ends) ? errno : 0;
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	int saved = 0;

	ioctl(s->ends[0], FIONREAD, &saved);
	snprintf(text, size, "%s, %s", saved == LINES ? "all saved" : "lines are missing",
		 s->reported ? "success" : "failure");
}

static void teardown(struct jostle_state *s)
{
	close(s->ends[0]);
	close(s->ends[1]);
}

JOSTLE_CASE(broken) = {
	.title = "The exit number of a child is asked that was killed by a signal",
	.tags = "process wait result kill",
	.why = "WEXITSTATUS() has a meaning only if WIFEXITED() is true. For a child that SIGTERM "
	       "ended it picks zero bits out of the status.",
	.ref = "POSIX.1-2017, waitpid(): WIFEXITED, WEXITSTATUS, WIFSIGNALED",
	.expect = JOSTLE_OUTCOME,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.body = ask_number,
	.outcomes = { { "all saved, success", JOSTLE_ALLOWED, "the child was done in time" },
		      { "lines are missing, success", JOSTLE_FORBIDDEN, "cut off, and unheard" } },
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(fixed) = {
	.title = "First how the child ended, then with which number",
	.tags = "process wait result kill",
	.why = "A child that was killed is a failure of its own kind, and WTERMSIG() says by what.",
	.ref = "POSIX.1-2017, waitpid(): WIFEXITED, WEXITSTATUS, WIFSIGNALED",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.body = ask_both,
	.outcomes = { { "all saved, success", JOSTLE_ALLOWED, "the child was done in time" },
		      { "lines are missing, failure", JOSTLE_ALLOWED, "cut off, and known" },
		      { "all saved, failure", JOSTLE_ALLOWED, "cut off before its exit" } },
	.schedules = 1000, /* each forks */
};
