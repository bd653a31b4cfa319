/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether a child will be waited for is decided before it is started. A program that ignores
 * SIGCHLD has no zombies: its children leave nothing behind, and no status either. Here it is set
 * after the start of a child whose status is wanted. waitpid() fails, and what stands in the status
 * is the zero that it began with.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "jostle.h"

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

struct jostle_state {
	int believed; /* that the child succeeded, which it does not */
};

static pid_t start_child(void)
{
	pid_t child = fork();

	if (child == 0)
		_exit(3);
	return child;
}

static int succeeded(int status)
{
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void ignore_then_wait(struct jostle_state *s)
{
	pid_t child = start_child();
	int status = 0;

	signal(SIGCHLD, SIG_IGN); /* no zombies, from now on */
	waitpid(child, &status, 0);
	s->believed = succeeded(status); /* OUTCOME: nobody wrote there */
	signal(SIGCHLD, SIG_DFL);
}

static void wait_for_child(struct jostle_state *s)
{
	pid_t child = start_child();
	int status = 0;

	s->believed = waitpid(child, &status, 0) == child && succeeded(status);
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%s", s->believed ? "a success" : "a failure");
}

JOSTLE_CASE(broken) = {
	.title = "Children are ignored after the start of one that is waited for",
	.tags = "process daemon wait sigchld",
	.why = "If the child ended before, its status was kept. If it ends afterwards, the status "
	       "is thrown away, and waitpid() returns -1 with ECHILD when the child is gone.",
	.ref = "POSIX.1-2017, waitpid(): ECHILD; sigaction(): SIG_IGN for SIGCHLD",
	.expect = JOSTLE_OUTCOME,
	.observe = observe,
	.body = ignore_then_wait,
	.outcomes = { { "a failure", JOSTLE_ALLOWED, "as it was" },
		      { "a success", JOSTLE_FORBIDDEN, "believed without a word from the child" } },
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(fixed) = {
	.title = "A child whose status is wanted is not ignored",
	.tags = "process daemon wait sigchld",
	.why = "The zombie is what keeps the status until somebody asks; waitpid() removes it. And "
	       "what waitpid() returns is looked at before the status is.",
	.ref = "POSIX.1-2017, waitpid()",
	.expect = JOSTLE_PASS,
	.observe = observe,
	.body = wait_for_child,
	.outcomes = { { "a failure", JOSTLE_ALLOWED, "as it was" } },
	.schedules = 1000, /* each forks */
};
