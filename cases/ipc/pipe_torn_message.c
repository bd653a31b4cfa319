/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two processes send messages through one pipe, each in two writes: the head, then the body. One
 * write of up to PIPE_BUF bytes is not torn, but nothing keeps two writes together, and the other
 * sender's head comes between.
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
};

static void put(struct jostle_state *s, const char *bytes, size_t size)
{
	if (write(s->ends[1], bytes, size) != (ssize_t)size) /* OUTCOME: one piece of two */
		_exit(1);
}

static void send_a_in_pieces(struct jostle_state *s)
{
	put(s, "A", 1);
	put(s, "a", 1);
}

static void send_b_in_pieces(struct jostle_state *s)
{
	put(s, "B", 1);
	put(s, "b", 1);
}

static void send_a(struct jostle_state *s)
{
	put(s, "Aa", 2);
}

static void send_b(struct jostle_state *s)
{
	put(s, "Bb", 2);
}

static int setup(struct jostle_state *s)
{
	return pipe(s->ends) ? errno : 0;
}

/* After both have ended: what a reader gets. */
static void observe(struct jostle_state *s, char *text, size_t size)
{
	char got[5] = "";
	ssize_t length = read(s->ends[0], got, sizeof(got) - 1);

	snprintf(text, size, "%s", length > 0 ? got : "nothing");
}

static void teardown(struct jostle_state *s)
{
	close(s->ends[0]);
	close(s->ends[1]);
}

JOSTLE_CASE(broken) = {
	.title = "A message goes through a shared pipe in two writes",
	.tags = "ipc pipe atomicity",
	.why = "A pipe carries bytes and knows no messages. The reader takes a head and then the "
	       "other sender's head for its body.",
	.ref = "pipe(7): PIPE_BUF; POSIX.1-2017, write()",
	.expect = JOSTLE_OUTCOME,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.processes = { { "sender a", send_a_in_pieces }, { "sender b", send_b_in_pieces } },
	.outcomes = { { "AaBb", JOSTLE_ALLOWED, "two messages" },
		      { "BbAa", JOSTLE_ALLOWED, "two messages" },
		      { "ABab", JOSTLE_FORBIDDEN, "torn" },
		      { "ABba", JOSTLE_FORBIDDEN, "torn" },
		      { "BAab", JOSTLE_FORBIDDEN, "torn" },
		      { "BAba", JOSTLE_FORBIDDEN, "torn" } },
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(broken_thread) = {
	.title = "Two threads send messages through a pipe in two writes each",
	.tags = "thread pipe atomicity",
	.why = "The pipe is the same for threads: what keeps bytes together is one write.",
	.ref = "pipe(7): PIPE_BUF; POSIX.1-2017, write()",
	.expect = JOSTLE_OUTCOME,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "sender a", send_a_in_pieces }, { "sender b", send_b_in_pieces } },
	.outcomes = { { "AaBb", JOSTLE_ALLOWED, "two messages" },
		      { "BbAa", JOSTLE_ALLOWED, "two messages" },
		      { "ABab", JOSTLE_FORBIDDEN, "torn" },
		      { "ABba", JOSTLE_FORBIDDEN, "torn" },
		      { "BAab", JOSTLE_FORBIDDEN, "torn" },
		      { "BAba", JOSTLE_FORBIDDEN, "torn" } },
};

JOSTLE_CASE(fixed) = {
	.title = "A message is one write of at most PIPE_BUF bytes",
	.tags = "ipc pipe atomicity",
	.why = "Up to PIPE_BUF (4096 on Linux, at least 512 everywhere) a write is atomic. "
	       "Longer messages need a lock around their writes.",
	.ref = "pipe(7): PIPE_BUF; POSIX.1-2017, write()",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.processes = { { "sender a", send_a }, { "sender b", send_b } },
	.outcomes = { { "AaBb", JOSTLE_ALLOWED, "two messages" },
		      { "BbAa", JOSTLE_ALLOWED, "two messages" } },
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(fixed_thread) = {
	.title = "Two threads send messages through a pipe in one write each",
	.tags = "thread pipe atomicity",
	.why = "Up to PIPE_BUF bytes a write is atomic, whoever writes.",
	.ref = "pipe(7): PIPE_BUF; POSIX.1-2017, write()",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "sender a", send_a }, { "sender b", send_b } },
	.outcomes = { { "AaBb", JOSTLE_ALLOWED, "two messages" },
		      { "BbAa", JOSTLE_ALLOWED, "two messages" } },
};
