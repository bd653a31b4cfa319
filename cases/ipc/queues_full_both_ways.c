/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two workers answer each other through two queues that hold one message each. Both first put all
 * that they have to say and then get what the other said; as soon as both queues are full, each
 * waits for room that the other will make only after it got room itself.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "jostle.h"

#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>

#define NAME     "/jostle_full_both_ways"
#define MESSAGES 2

struct jostle_state {
	mqd_t to_left, to_right;
	int got[2]; /* each worker's own */
};

static void put(mqd_t queue)
{
	mq_send(queue, "m", 1, 0); /* DEADLOCK: the queue is full, and so is the other's */
}

static int get(mqd_t queue)
{
	char message;

	return mq_receive(queue, &message, 1, NULL) == 1;
}

static int put_all_then_get_all(mqd_t out, mqd_t in)
{
	int got = 0;

	for (int i = 0; i < MESSAGES; i++)
		put(out);
	for (int i = 0; i < MESSAGES; i++)
		got += get(in);
	return got;
}

static int put_and_get_in_turn(mqd_t out, mqd_t in)
{
	int got = 0;

	for (int i = 0; i < MESSAGES; i++) {
		put(out);
		got += get(in);
	}
	return got;
}

static void left(struct jostle_state *s)
{
	s->got[0] = put_all_then_get_all(s->to_right, s->to_left);
}

static void right(struct jostle_state *s)
{
	s->got[1] = put_all_then_get_all(s->to_left, s->to_right);
}

static void left_in_turn(struct jostle_state *s)
{
	s->got[0] = put_and_get_in_turn(s->to_right, s->to_left);
}

static void right_in_turn(struct jostle_state *s)
{
	s->got[1] = put_and_get_in_turn(s->to_left, s->to_right);
}

static int make(mqd_t *queue)
{
	struct mq_attr attributes = { .mq_maxmsg = 1, .mq_msgsize = 1 };

	*queue = mq_open(NAME, O_RDWR | O_CREAT | O_EXCL, 0600, &attributes);
	mq_unlink(NAME); /* the descriptor keeps it */
	return *queue == (mqd_t)-1 ? errno : 0;
}

static int setup(struct jostle_state *s)
{
	int error = make(&s->to_left);

	return error ? error : make(&s->to_right);
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d and %d", s->got[0], s->got[1]);
}

static void teardown(struct jostle_state *s)
{
	mq_close(s->to_left);
	mq_close(s->to_right);
}

JOSTLE_CASE(broken) = {
	.title = "Two processes fill each other's queue before they empty their own",
	.tags = "ipc queue full",
	.why = "A full queue makes the sender wait. When both send first, both may wait, and the "
	       "size of the queues decides how rarely.",
	.ref = "POSIX.1-2017, mq_send(): shall block until space becomes available",
	.expect = JOSTLE_DEADLOCK,
	.cause = "queue",
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.processes = { { "left", left }, { "right", right } },
	.outcomes = { { "2 and 2", JOSTLE_ALLOWED, "all were put and got" } },
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(broken_thread) = {
	.title = "Two threads fill each other's queue before they empty their own",
	.tags = "thread queue full",
	.why = "The circle of two waits has nothing to do with who shares memory.",
	.ref = "POSIX.1-2017, mq_send(): shall block until space becomes available",
	.expect = JOSTLE_DEADLOCK,
	.cause = "queue",
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "left", left }, { "right", right } },
	.outcomes = { { "2 and 2", JOSTLE_ALLOWED, "all were put and got" } },
};

JOSTLE_CASE(fixed) = {
	.title = "No process puts more than there is room for before it gets",
	.tags = "ipc queue full",
	.why = "One message is put, one is got: the queue of one place is always empty again when "
	       "the next is put.",
	.ref = "POSIX.1-2017, mq_send()",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.processes = { { "left", left_in_turn }, { "right", right_in_turn } },
	.outcomes = { { "2 and 2", JOSTLE_ALLOWED, "all were put and got" } },
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(fixed_thread) = {
	.title = "No thread puts more than there is room for before it gets",
	.tags = "thread queue full",
	.why = "One message is put, one is got.",
	.ref = "POSIX.1-2017, mq_send()",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "left", left_in_turn }, { "right", right_in_turn } },
	.outcomes = { { "2 and 2", JOSTLE_ALLOWED, "all were put and got" } },
};
