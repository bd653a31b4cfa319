/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A message queue that was made before the fork is inherited by its id. One that each process makes
 * for itself with IPC_PRIVATE is another queue each time: "private" does not mean "of this
 * program". The sender fills one, the receiver waits at the other.
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
	int received; /* the receiver's own */
};

static void send_to(int queue)
{
	struct message message = { 1, 'm' };

	msgsnd(queue, &message, sizeof(message.text), 0);
}

static int receive_from(int queue)
{
	struct message message;
	ssize_t size;

	size = msgrcv(queue, &message, sizeof(message.text), 1, 0); /* DEADLOCK: another queue */
	return size == 1;
}

static void sender_makes_queue(struct jostle_state *s)
{
	int queue = msgget(IPC_PRIVATE, 0600); /* SEE: a queue that nobody else has */

	(void)s;
	send_to(queue);
	msgctl(queue, IPC_RMID, NULL);
}

static void receiver_makes_queue(struct jostle_state *s)
{
	int queue = msgget(IPC_PRIVATE, 0600);

	s->received = receive_from(queue);
	msgctl(queue, IPC_RMID, NULL);
}

static void sender(struct jostle_state *s)
{
	send_to(s->queue);
}

static void receiver(struct jostle_state *s)
{
	s->received = receive_from(s->queue);
}

static int setup(struct jostle_state *s)
{
	s->queue = msgget(IPC_PRIVATE, 0600);
	return s->queue < 0 ? errno : 0;
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%s", s->received ? "received" : "nothing");
}

static void teardown(struct jostle_state *s)
{
	msgctl(s->queue, IPC_RMID, NULL);
}

JOSTLE_CASE(broken) = {
	.title = "Sender and receiver each make a private queue",
	.tags = "ipc queue inherited",
	.why = "IPC_PRIVATE is no key but the wish for a new object. Two calls make two queues.",
	.ref = "msgget(2): IPC_PRIVATE, and its BUGS section on the name",
	.expect = JOSTLE_DEADLOCK,
	.cause = "queue",
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.processes = { { "sender", sender_makes_queue }, { "receiver", receiver_makes_queue } },
	.outcomes = { { "received", JOSTLE_ALLOWED, "by whom it was sent to" } },
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(broken_thread) = {
	.title = "Two threads each make a private queue",
	.tags = "thread queue",
	.why = "Even within one process IPC_PRIVATE is a new queue each time.",
	.ref = "msgget(2): IPC_PRIVATE",
	.expect = JOSTLE_DEADLOCK,
	.cause = "queue",
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "sender", sender_makes_queue }, { "receiver", receiver_makes_queue } },
	.outcomes = { { "received", JOSTLE_ALLOWED, "by whom it was sent to" } },
};

JOSTLE_CASE(fixed) = {
	.title = "The queue is made before the fork and inherited by its id",
	.tags = "ipc queue inherited",
	.why = "The id is a number that is the same in all processes; a key from ftok() would let "
	       "strangers find the queue, too.",
	.ref = "sysvipc(7); ftok(3)",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.processes = { { "sender", sender }, { "receiver", receiver } },
	.outcomes = { { "received", JOSTLE_ALLOWED, "one queue for both" } },
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(fixed_thread) = {
	.title = "The queue is made before the threads, and its id is shared",
	.tags = "thread queue",
	.why = "One call, one queue.",
	.ref = "sysvipc(7)",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "sender", sender }, { "receiver", receiver } },
	.outcomes = { { "received", JOSTLE_ALLOWED, "one queue for both" } },
};
