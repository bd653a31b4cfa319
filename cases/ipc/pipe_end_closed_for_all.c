/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A process closes the end of a pipe that it does not use, since it has a descriptor of its own. A
 * thread has none: descriptors belong to the process, and the reader that closes the writing end
 * "for itself" closes it for the writer, too, who may not have written yet.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "jostle.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

struct jostle_state {
	int ends[2];
	ssize_t sent; /* by the writer */
};

static void writer(struct jostle_state *s)
{
	s->sent = write(s->ends[1], "x", 1); /* OUTCOME: there may be no such descriptor any more */
}

static void writer_who_closes(struct jostle_state *s)
{
	writer(s);
	close(s->ends[1]);
}

static void read_all(struct jostle_state *s)
{
	char byte;

	while (read(s->ends[0], &byte, 1) > 0)
		;
}

static void reader_who_closes(struct jostle_state *s)
{
	close(s->ends[1]); /* SEE: as a child process would, and must */
	read_all(s);
}

static int setup(struct jostle_state *s)
{
	return pipe(s->ends) ? errno : 0;
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%s", s->sent == 1 ? "sent" : "lost");
}

static void teardown(struct jostle_state *s)
{
	close(s->ends[0]);
}

/* The parent's own descriptors would keep the pipe open as long as it waits. */
static void teardown_parent(struct jostle_state *s)
{
	close(s->ends[0]);
	close(s->ends[1]);
}

static void child_writer(struct jostle_state *s)
{
	close(s->ends[0]);
	writer_who_closes(s);
}

static void child_reader(struct jostle_state *s)
{
	char byte;

	close(s->ends[1]);
	if (read(s->ends[0], &byte, 1) != 1)
		_exit(1);
}

JOSTLE_CASE(broken_thread) = {
	.title = "A thread closes the end of a pipe that another thread needs",
	.tags = "thread pipe descriptor",
	.why = "What every process must do is wrong for a thread: there is one table of "
	       "descriptors, and its entry is gone for all.",
	.ref = "POSIX.1-2017, 2.9.1 and close(); pipe(7)",
	.expect = JOSTLE_OUTCOME,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "writer", writer }, { "reader", reader_who_closes } },
	.outcomes = { { "sent", JOSTLE_ALLOWED, "the writer was quicker" },
		      { "lost", JOSTLE_FORBIDDEN, "EBADF" } },
};

JOSTLE_CASE(fixed_thread) = {
	.title = "The thread that writes closes the writing end",
	.tags = "thread pipe descriptor",
	.why = "A descriptor has one owner among the threads. Its close ends the pipe for the "
	       "reader.",
	.ref = "POSIX.1-2017, close(); pipe(7)",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "writer", writer_who_closes }, { "reader", read_all } },
	.outcomes = { { "sent", JOSTLE_ALLOWED, "closed after the last write" } },
};

JOSTLE_CASE(fixed) = {
	.title = "A child process closes its own copy of the end it does not use",
	.tags = "ipc pipe descriptor fork",
	.why = "fork() copied the table of descriptors; closing in one leaves the other's open.",
	.ref = "POSIX.1-2017, fork(): its own copy of the parent's file descriptors",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown_parent,
	.processes = { { "writer", child_writer }, { "reader", child_reader } },
	.outcomes = { { "sent", JOSTLE_ALLOWED, "each closed its own" } },
	.schedules = 1000, /* each forks */
};
