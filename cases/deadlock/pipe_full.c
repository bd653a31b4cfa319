/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two threads send each other a message through two pipes, and each sends before it reads. A small
 * message fits into the pipe and all is well. A large one does not, and both writers wait for a
 * reader that is itself writing.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "jostle.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define CAPACITY 4096

struct jostle_state {
	int there[2], back[2];
	char outgoing[CAPACITY + 1], incoming[2][CAPACITY + 1];
};

static void read_all(int from, char *bytes, size_t size)
{
	size_t got = 0;

	while (got < size) {
		ssize_t now = read(from, bytes + got, size - got);

		if (now <= 0)
			return;
		got += (size_t)now;
	}
}

static void write_all(int to, const char *bytes, size_t size)
{
	size_t sent = 0;

	while (sent < size) {
		ssize_t now = write(to, bytes + sent, size - sent); /* DEADLOCK: the pipe is full */

		if (now <= 0)
			return;
		sent += (size_t)now;
	}
}

static void left(struct jostle_state *s)
{
	write_all(s->there[1], s->outgoing, sizeof(s->outgoing));
	read_all(s->back[0], s->incoming[0], sizeof(s->incoming[0]));
}

static void right(struct jostle_state *s)
{
	write_all(s->back[1], s->outgoing, sizeof(s->outgoing));
	read_all(s->there[0], s->incoming[1], sizeof(s->incoming[1]));
}

/* One of the two listens first. */
static void right_reads_first(struct jostle_state *s)
{
	read_all(s->there[0], s->incoming[1], sizeof(s->incoming[1]));
	write_all(s->back[1], s->outgoing, sizeof(s->outgoing));
}

static int setup(struct jostle_state *s)
{
	if (pipe(s->there) || pipe(s->back))
		return errno;
	if (fcntl(s->there[1], F_SETPIPE_SZ, CAPACITY) < 0 ||
	    fcntl(s->back[1], F_SETPIPE_SZ, CAPACITY) < 0)
		return errno;
	return 0;
}

static void teardown(struct jostle_state *s)
{
	for (int end = 0; end < 2; end++) {
		close(s->there[end]);
		close(s->back[end]);
	}
}

JOSTLE_CASE(broken) = {
	.title = "Both sides write more than a pipe holds before they read",
	.tags = "pipe",
	.why = "A pipe is a buffer of limited size. When both are full, each side waits until "
	       "the other one reads, and neither will before its own write is done.",
	.ref = "pipe(7): Pipe capacity; POSIX.1-2017, write()",
	.expect = JOSTLE_DEADLOCK,
	.cause = "pipe",
	.setup = setup,
	.teardown = teardown,
	.threads = { { "left", left }, { "right", right } },
};

JOSTLE_CASE(fixed) = {
	.title = "One side reads before it writes",
	.tags = "pipe",
	.why = "The first write then always finds a reader, whatever its size.",
	.ref = "pipe(7): Pipe capacity; POSIX.1-2017, write()",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.teardown = teardown,
	.threads = { { "left", left }, { "right", right_reads_first } },
};
