/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A pipe has no messages, only bytes: read() returns what is there, and that may be half of what
 * was sent. The receiver that takes one read() for one message works as long as the sender is
 * quicker, and then gets "12" for 1234.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "jostle.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#define DIGITS 4

struct jostle_state {
	int ends[2];
	char got[DIGITS + 1]; /* the receiver's own */
};

static void put(struct jostle_state *s, const char *digits, size_t size)
{
	if (write(s->ends[1], digits, size) != (ssize_t)size)
		_exit(1);
}

static void sender(struct jostle_state *s)
{
	put(s, "12", 2);
	put(s, "34", 2); /* SEE: may come after the receiver's read */
}

static void receive_once(struct jostle_state *s)
{
	if (read(s->ends[0], s->got, DIGITS) <= 0) /* OUTCOME: what is there by now */
		_exit(1);
}

static void receive_all(struct jostle_state *s)
{
	size_t done = 0;

	while (done < DIGITS) {
		ssize_t got = read(s->ends[0], s->got + done, DIGITS - done);

		if (got <= 0)
			_exit(1);
		done += (size_t)got;
	}
}

static int setup(struct jostle_state *s)
{
	return pipe(s->ends) ? errno : 0;
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%s", s->got);
}

static void teardown(struct jostle_state *s)
{
	close(s->ends[0]);
	close(s->ends[1]);
}

JOSTLE_CASE(broken) = {
	.title = "One read is taken for one message of another process",
	.tags = "ipc pipe receive",
	.why = "read() waits for the first byte and not for the last. How much it brings depends "
	       "on how far the sender has come.",
	.ref = "POSIX.1-2017, read(): fewer bytes if fewer are immediately available",
	.expect = JOSTLE_OUTCOME,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.processes = { { "sender", sender }, { "receiver", receive_once } },
	.outcomes = { { "1234", JOSTLE_ALLOWED, "the sender was quicker" },
		      { "12", JOSTLE_FORBIDDEN, "half a message" } },
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(broken_thread) = {
	.title = "One read is taken for one message of another thread",
	.tags = "thread pipe receive",
	.why = "Between threads a pipe is the same stream of bytes.",
	.ref = "POSIX.1-2017, read(): fewer bytes if fewer are immediately available",
	.expect = JOSTLE_OUTCOME,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "sender", sender }, { "receiver", receive_once } },
	.outcomes = { { "1234", JOSTLE_ALLOWED, "the sender was quicker" },
		      { "12", JOSTLE_FORBIDDEN, "half a message" } },
};

JOSTLE_CASE(fixed) = {
	.title = "The receiver reads until the message is complete",
	.tags = "ipc pipe receive",
	.why = "The length is agreed upon (or sent first), and the receiver counts.",
	.ref = "Stevens, Fenner, Rudoff: Unix Network Programming 1, 3rd edition, 3.9: readn()",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.processes = { { "sender", sender }, { "receiver", receive_all } },
	.outcomes = { { "1234", JOSTLE_ALLOWED, "all of it" } },
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(fixed_thread) = {
	.title = "A thread reads until the message is complete",
	.tags = "thread pipe receive",
	.why = "The receiver counts, however many reads it takes.",
	.ref = "Stevens, Fenner, Rudoff: Unix Network Programming 1, 3rd edition, 3.9: readn()",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "sender", sender }, { "receiver", receive_all } },
	.outcomes = { { "1234", JOSTLE_ALLOWED, "all of it" } },
};
