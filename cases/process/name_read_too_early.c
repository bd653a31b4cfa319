/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A forked child has its parent's name until it gives itself another. The parent looks up the name
 * for its log, where ps would look, right after fork().
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "jostle.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

struct jostle_state {
	int ends[2]; /* a pipe: the child says that it has its name */
	char logged[16];
};

/* In the child. The name is still there while it has ended and was not waited for. */
static void worker(struct jostle_state *s)
{
	prctl(PR_SET_NAME, "worker");
	if (write(s->ends[1], "n", 1) != 1)
		_exit(1);
	_exit(0);
}

static void read_name(pid_t child, char *name, size_t size)
{
	char path[32];
	ssize_t length;
	int file;

	snprintf(path, sizeof(path), "/proc/%d/comm", (int)child);
	file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return;
	length = read(file, name, size - 1); /* OUTCOME: not yet its own */
	close(file);
	if (length > 0)
		name[strcspn(name, "\n")] = '\0';
}

static void log_at_once(struct jostle_state *s)
{
	pid_t child = fork();

	if (child == 0)
		worker(s);
	read_name(child, s->logged, sizeof(s->logged));
	waitpid(child, NULL, 0);
}

static void log_when_named(struct jostle_state *s)
{
	pid_t child = fork();
	char byte;

	if (child == 0)
		worker(s);
	if (read(s->ends[0], &byte, 1) == 1)
		read_name(child, s->logged, sizeof(s->logged));
	waitpid(child, NULL, 0);
}

static int setup(struct jostle_state *s)
{
	return pipe(s->ends) ? errno : 0;
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%s", strcmp(s->logged, "worker") ? "another name" : "worker");
}

static void teardown(struct jostle_state *s)
{
	close(s->ends[0]);
	close(s->ends[1]);
}

JOSTLE_CASE(broken) = {
	.title = "A process's name is read before the process has set it",
	.tags = "process name order",
	.why = "fork() returns when the child exists, not when it has done its first lines. Until "
	       "then it is called what its parent is called.",
	.ref = "prctl(2), PR_SET_NAME; proc(5), /proc/pid/comm",
	.expect = JOSTLE_OUTCOME,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.body = log_at_once,
	.outcomes = { { "worker", JOSTLE_ALLOWED, "the child was quicker" },
		      { "another name", JOSTLE_FORBIDDEN, "the name of its parent" } },
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(fixed) = {
	.title = "The child says when it has its name",
	.tags = "process name order pipe",
	.why = "What the child did before it wrote happens before the parent's read returns.",
	.ref = "POSIX.1-2017, read() and write(): pipes",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.body = log_when_named,
	.outcomes = { { "worker", JOSTLE_ALLOWED, "its own name" } },
	.schedules = 1000, /* each forks */
};
