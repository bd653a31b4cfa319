/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A System V queue belongs to the system, and removing it takes effect at once: messages that were
 * not fetched are gone, and whoever waits gets EIDRM. The owner that removes the queue when it has
 * sent everything takes the last message away from a reader that is slow.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "jostle.h"

#include <errno.h>
#include <stdio.h>
#include <sys/ipc.h>
#include <sys/msg.h>

struct message {
	long type;
	char text;
};

struct jostle_state {
	int queue;
	int received; /* the reader's own */
};

static void send(struct jostle_state *s)
{
	struct message message = { 1, 'm' };

	msgsnd(s->queue, &message, sizeof(message.text), 0);
}

static void reader(struct jostle_state *s)
{
	struct message message;

	if (msgrcv(s->queue, &message, sizeof(message.text), 1, 0) == 1) /* SEE: EIDRM, EINVAL */
		s->received = 1;
}

static void sender_who_removes(struct jostle_state *s)
{
	send(s);
	msgctl(s->queue, IPC_RMID, NULL); /* OUTCOME: with the message inside */
}

static void sender(struct jostle_state *s)
{
	send(s);
}

static int setup(struct jostle_state *s)
{
	s->queue = msgget(IPC_PRIVATE, 0600);
	return s->queue < 0 ? errno : 0;
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%s", s->received ? "received" : "lost");
}

/* After both have ended. */
static void teardown(struct jostle_state *s)
{
	msgctl(s->queue, IPC_RMID, NULL);
}

JOSTLE_CASE(broken) = {
	.title = "A System V queue is removed while a message is still in it",
	.tags = "ipc queue close",
	.why = "IPC_RMID asks nobody. What was sent is not what was received, and the sender "
	       "cannot know when it was.",
	.ref = "POSIX.1-2017, msgctl(): IPC_RMID; msgrcv(): EIDRM",
	.expect = JOSTLE_OUTCOME,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.processes = { { "reader", reader }, { "sender", sender_who_removes } },
	.outcomes = { { "received", JOSTLE_ALLOWED, "the reader was quicker" },
		      { "lost", JOSTLE_FORBIDDEN, "removed with the message" } },
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(broken_thread) = {
	.title = "A thread removes a System V queue while a message is still in it",
	.tags = "thread queue close",
	.why = "The queue is the system's, for threads as well.",
	.ref = "POSIX.1-2017, msgctl(): IPC_RMID; msgrcv(): EIDRM",
	.expect = JOSTLE_OUTCOME,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "reader", reader }, { "sender", sender_who_removes } },
	.outcomes = { { "received", JOSTLE_ALLOWED, "the reader was quicker" },
		      { "lost", JOSTLE_FORBIDDEN, "removed with the message" } },
};

JOSTLE_CASE(fixed) = {
	.title = "A System V queue is removed when all its users have ended",
	.tags = "ipc queue close",
	.why = "The parent waits for both and removes it then. Somebody must: it outlives all "
	       "processes.",
	.ref = "POSIX.1-2017, msgctl(): IPC_RMID; sysvipc(7)",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.processes = { { "reader", reader }, { "sender", sender } },
	.outcomes = { { "received", JOSTLE_ALLOWED, "the queue lived long enough" } },
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(fixed_thread) = {
	.title = "A System V queue is removed when its threads were joined",
	.tags = "thread queue close",
	.why = "After the joins nobody can be waiting for a message.",
	.ref = "POSIX.1-2017, msgctl(): IPC_RMID; pthread_join()",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "reader", reader }, { "sender", sender } },
	.outcomes = { { "received", JOSTLE_ALLOWED, "the queue lived long enough" } },
};
