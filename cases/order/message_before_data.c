/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Big data goes through shared memory, and a byte through a pipe says that it is there. The byte is
 * sent first, because then the receiver can get up already.
 */
#include "jostle.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

struct jostle_state {
	int ends[2];
	int data, received;
};

static void say(struct jostle_state *s)
{
	if (write(s->ends[1], "!", 1) != 1)
		perror("write");
}

static void send_early(struct jostle_state *s)
{
	say(s);
	s->data = 7; /* RACE: after the message that it is there */
}

static void receive(struct jostle_state *s)
{
	char byte;

	if (read(s->ends[0], &byte, 1) == 1)
		s->received = s->data; /* RACE: the message came, the data may not have */
}

static void send_in_order(struct jostle_state *s)
{
	s->data = 7;
	say(s);
}

static int setup(struct jostle_state *s)
{
	return pipe(s->ends) ? errno : 0;
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d", s->received);
}

static void teardown(struct jostle_state *s)
{
	close(s->ends[0]);
	close(s->ends[1]);
}

JOSTLE_CASE(broken) = {
	.title = "The message is sent before the data that it announces is written",
	.tags = "pipe message",
	.why = "What a byte through a pipe can promise is what happened before it was written.",
	.ref = "Lamport: Time, Clocks, and the Ordering of Events, CACM 21(7), 1978",
	.expect = JOSTLE_RACE,
	.also = JOSTLE_ALSO(JOSTLE_OUTCOME),
	.needs = JOSTLE_NEEDS_ACCESSES,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "send", send_early }, { "receive", receive } },
	.outcomes = { { "7", JOSTLE_ALLOWED, "the data was quicker" },
		      { "0", JOSTLE_FORBIDDEN, "the message was quicker" } },
};

JOSTLE_CASE(fixed) = {
	.title = "First the data, then the message",
	.tags = "pipe message",
	.why = "A byte cannot be read before it is written, so that what came before the writing "
	       "comes before what follows the reading.",
	.ref = "Lamport: Time, Clocks, and the Ordering of Events, CACM 21(7), 1978",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "send", send_in_order }, { "receive", receive } },
	.outcomes = { { "7", JOSTLE_ALLOWED, "always" } },
};
