/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two workers inherited one connection. A client sends a request in two parts, the head and the
 * body; each read takes what comes next, whoever makes it. One worker has the head, the other the
 * body, and neither has a request. A connection belongs to one worker; a stream cannot be shared as
 * a queue of messages can.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "jostle.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

struct jostle_state {
	int client[2], server[2]; /* the two ends of two connections */
	char got[2][3];           /* each worker's own: a head and a body */
};

static void part(int connection, const char *byte)
{
	if (write(connection, byte, 1) != 1)
		_exit(1);
}

/* Both requests over one connection, or each over its own. */
static void send_over_one(struct jostle_state *s)
{
	part(s->client[0], "H");
	part(s->client[0], "b");
	part(s->client[0], "H");
	part(s->client[0], "b");
}

static void send_over_two(struct jostle_state *s)
{
	part(s->client[0], "H");
	part(s->client[0], "b");
	part(s->client[1], "H");
	part(s->client[1], "b");
}

static void serve(int connection, char *got)
{
	for (int i = 0; i < 2; i++)
		if (read(connection, got + i, 1) != 1) /* OUTCOME: the next byte, whose it may be */
			_exit(1);
}

static void worker_0(struct jostle_state *s)
{
	serve(s->server[0], s->got[0]);
}

static void worker_1_inherits(struct jostle_state *s)
{
	serve(s->server[0], s->got[1]);
}

static void worker_1(struct jostle_state *s)
{
	serve(s->server[1], s->got[1]);
}

static int setup(struct jostle_state *s)
{
	for (int i = 0; i < 2; i++) {
		int ends[2];

		if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends))
			return errno;
		s->client[i] = ends[0];
		s->server[i] = ends[1];
	}
	return 0;
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	const int whole = strcmp(s->got[0], "Hb") == 0 && strcmp(s->got[1], "Hb") == 0;

	snprintf(text, size, "%s", whole ? "two requests" : "pieces");
}

static void teardown(struct jostle_state *s)
{
	for (int i = 0; i < 2; i++) {
		close(s->client[i]);
		close(s->server[i]);
	}
}

JOSTLE_CASE(broken) = {
	.title = "Two processes read requests from one inherited connection",
	.tags = "ipc descriptor socket",
	.why = "The inherited descriptors stand for one stream. The kernel hands each byte to one "
	       "reader and does not know which bytes belong together.",
	.ref = "Stevens, Fenner, Rudoff: Unix Network Programming 1, 3rd edition, 4.8; unix(7)",
	.expect = JOSTLE_OUTCOME,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.processes = { { "client", send_over_one },
		       { "worker 0", worker_0 },
		       { "worker 1", worker_1_inherits } },
	.outcomes = { { "two requests", JOSTLE_ALLOWED, "nobody came between" },
		      { "pieces", JOSTLE_FORBIDDEN, "a head here and a body there" } },
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(broken_thread) = {
	.title = "Two threads read requests from one connection",
	.tags = "thread descriptor socket",
	.why = "Each read is complete in itself, and a request takes two.",
	.ref = "unix(7): SOCK_STREAM",
	.expect = JOSTLE_OUTCOME,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "client", send_over_one },
		     { "worker 0", worker_0 },
		     { "worker 1", worker_1_inherits } },
	.outcomes = { { "two requests", JOSTLE_ALLOWED, "nobody came between" },
		      { "pieces", JOSTLE_FORBIDDEN, "a head here and a body there" } },
};

JOSTLE_CASE(fixed) = {
	.title = "Each process has a connection of its own",
	.tags = "ipc descriptor socket",
	.why = "What one worker reads, the other cannot take. A forking server accepts first and "
	       "forks for the connection then.",
	.ref = "Stevens, Fenner, Rudoff: Unix Network Programming 1, 3rd edition, 4.8",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.processes = { { "client", send_over_two },
		       { "worker 0", worker_0 },
		       { "worker 1", worker_1 } },
	.outcomes = { { "two requests", JOSTLE_ALLOWED, "each its own" } },
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(fixed_thread) = {
	.title = "Each thread has a connection of its own",
	.tags = "thread descriptor socket",
	.why = "What one worker reads, the other cannot take.",
	.ref = "Stevens, Fenner, Rudoff: Unix Network Programming 1, 3rd edition, 26.1",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "client", send_over_two },
		     { "worker 0", worker_0 },
		     { "worker 1", worker_1 } },
	.outcomes = { { "two requests", JOSTLE_ALLOWED, "each its own" } },
};
