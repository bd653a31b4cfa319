/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mq_getattr() tells how many messages a queue holds. Two workers each see the one that is there,
 * and both go to fetch it: one gets it, the other waits for a second that nobody sends. As with
 * every size, the number was true when it was asked for.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "jostle.h"

#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>

#define NAME "/jostle_count_then_receive"

struct jostle_state {
	mqd_t queue;
	int got[2]; /* each worker's own */
};

static int receive(struct jostle_state *s)
{
	char job;

	if (mq_receive(s->queue, &job, 1, NULL) < 0) /* DEADLOCK: the job that was seen is gone */
		return 0;
	return 1;
}

static int receive_if_any(struct jostle_state *s)
{
	struct mq_attr attributes;

	mq_getattr(s->queue, &attributes);
	return attributes.mq_curmsgs > 0 && receive(s);
}

/* Asks and takes in one call: EAGAIN when there is none. */
static int try_receive(struct jostle_state *s)
{
	const struct timespec at_once = { 0, 0 };
	char job;

	return mq_timedreceive(s->queue, &job, 1, NULL, &at_once) == 1;
}

static void worker_1(struct jostle_state *s)
{
	s->got[0] = receive_if_any(s);
}

static void worker_2(struct jostle_state *s)
{
	s->got[1] = receive_if_any(s);
}

static void trying_worker_1(struct jostle_state *s)
{
	s->got[0] = try_receive(s);
}

static void trying_worker_2(struct jostle_state *s)
{
	s->got[1] = try_receive(s);
}

static int setup(struct jostle_state *s)
{
	struct mq_attr attributes = { .mq_maxmsg = 2, .mq_msgsize = 1 };

	s->queue = mq_open(NAME, O_RDWR | O_CREAT, 0600, &attributes);
	if (s->queue == (mqd_t)-1)
		return errno;
	mq_unlink(NAME); /* the descriptor keeps it */
	return mq_send(s->queue, "j", 1, 0) ? errno : 0;
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d done", s->got[0] + s->got[1]);
}

static void teardown(struct jostle_state *s)
{
	mq_close(s->queue);
}

JOSTLE_CASE(broken) = {
	.title = "The messages in a queue are counted, and then one is fetched",
	.tags = "ipc queue check-then-act",
	.why = "Between the count and the fetch the other process is served. mq_receive() on an "
	       "empty queue waits, and this time for ever.",
	.ref = "mq_overview(7); CWE-367: Time-of-check Time-of-use (TOCTOU) Race Condition",
	.expect = JOSTLE_DEADLOCK,
	.cause = "queue",
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.processes = { { "worker 1", worker_1 }, { "worker 2", worker_2 } },
	.outcomes = { { "1 done", JOSTLE_ALLOWED, "one of them found the queue empty" } },
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(broken_thread) = {
	.title = "Two threads count the messages in a queue, and then fetch one",
	.tags = "thread queue check-then-act",
	.why = "The queue is the kernel's, and the count is as old for threads as for processes.",
	.ref = "mq_overview(7); CWE-367: Time-of-check Time-of-use (TOCTOU) Race Condition",
	.expect = JOSTLE_DEADLOCK,
	.cause = "queue",
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "worker 1", worker_1 }, { "worker 2", worker_2 } },
	.outcomes = { { "1 done", JOSTLE_ALLOWED, "one of them found the queue empty" } },
};

JOSTLE_CASE(fixed) = {
	.title = "A fetch that does not wait tells whether there was a message",
	.tags = "ipc queue check-then-act",
	.why = "The kernel asks and takes in one step. A time that has passed already makes "
	       "mq_timedreceive() a question; O_NONBLOCK does the same for all calls.",
	.ref = "POSIX.1-2017, mq_timedreceive(): ETIMEDOUT, and no failure if a message is there",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.processes = { { "worker 1", trying_worker_1 }, { "worker 2", trying_worker_2 } },
	.outcomes = { { "1 done", JOSTLE_ALLOWED, "one of them was told that there is none" } },
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(fixed_thread) = {
	.title = "Threads fetch a message if there is one",
	.tags = "thread queue check-then-act",
	.why = "The kernel asks and takes in one step.",
	.ref = "POSIX.1-2017, mq_timedreceive(): ETIMEDOUT, and no failure if a message is there",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "worker 1", trying_worker_1 }, { "worker 2", trying_worker_2 } },
	.outcomes = { { "1 done", JOSTLE_ALLOWED, "one of them was told that there is none" } },
};
