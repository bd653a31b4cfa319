/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The owner of a message queue is done: it closes its descriptor and removes the name. The reader
 * that waits for a message does not notice: its own descriptor is as good as ever, the queue lives
 * on without a name, and unlike a pipe it has no end.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "jostle.h"

#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>

#define NAME "/jostle_closed_under_reader"
#define END  'e'

struct jostle_state {
	mqd_t queue;
	int ended; /* the reader's own */
};

static void reader(struct jostle_state *s)
{
	char message = 0;

	while (message != END)
		if (mq_receive(s->queue, &message, 1, NULL) < 0) /* DEADLOCK: nobody sends */
			return;
	s->ended = 1;
}

static void owner_who_closes(struct jostle_state *s)
{
	mq_send(s->queue, "m", 1, 0);
	mq_close(s->queue); /* SEE: this process's descriptor, not the queue */
	mq_unlink(NAME);
}

static void owner_who_says_so(struct jostle_state *s)
{
	const char end = END;

	mq_send(s->queue, "m", 1, 0);
	mq_send(s->queue, &end, 1, 0);
	mq_close(s->queue);
	mq_unlink(NAME);
}

/* Threads have one descriptor; the message is the same. */
static void thread_owner(struct jostle_state *s)
{
	mq_send(s->queue, "m", 1, 0);
	mq_unlink(NAME);
}

static void thread_owner_who_says_so(struct jostle_state *s)
{
	const char end = END;

	mq_send(s->queue, "m", 1, 0);
	mq_send(s->queue, &end, 1, 0);
	mq_unlink(NAME);
}

static int setup(struct jostle_state *s)
{
	struct mq_attr attributes = { .mq_maxmsg = 2, .mq_msgsize = 1 };

	s->queue = mq_open(NAME, O_RDWR | O_CREAT, 0600, &attributes);
	return s->queue == (mqd_t)-1 ? errno : 0;
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%s", s->ended ? "ended" : "waits");
}

static void teardown(struct jostle_state *s)
{
	mq_close(s->queue);
}

JOSTLE_CASE(broken) = {
	.title = "A message queue is closed and removed under a reader that waits",
	.tags = "ipc queue close",
	.why = "mq_close() and mq_unlink() take away a descriptor and a name. Whoever has a "
	       "descriptor left waits for messages that nobody can send any more.",
	.ref = "POSIX.1-2017, mq_unlink(): removal is postponed until all references are closed",
	.expect = JOSTLE_DEADLOCK,
	.cause = "queue",
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.processes = { { "reader", reader }, { "owner", owner_who_closes } },
	.outcomes = { { "ended", JOSTLE_ALLOWED, "the reader went home" } },
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(broken_thread) = {
	.title = "A message queue is removed under a thread that waits",
	.tags = "thread queue close",
	.why = "The name is gone and the queue is not; the thread goes on waiting.",
	.ref = "POSIX.1-2017, mq_unlink(): removal is postponed until all references are closed",
	.expect = JOSTLE_DEADLOCK,
	.cause = "queue",
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "reader", reader }, { "owner", thread_owner } },
	.outcomes = { { "ended", JOSTLE_ALLOWED, "the reader went home" } },
};

JOSTLE_CASE(fixed) = {
	.title = "The last message says that it is the last",
	.tags = "ipc queue close",
	.why = "Messages come in order, so the end is a message like any other; each reader needs "
	       "one.",
	.ref = "POSIX.1-2017, mq_send(); mq_overview(7)",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.processes = { { "reader", reader }, { "owner", owner_who_says_so } },
	.outcomes = { { "ended", JOSTLE_ALLOWED, "the reader went home" } },
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(fixed_thread) = {
	.title = "The last message tells a thread that it is the last",
	.tags = "thread queue close",
	.why = "Messages come in order, so the end is a message like any other.",
	.ref = "POSIX.1-2017, mq_send(); mq_overview(7)",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "reader", reader }, { "owner", thread_owner_who_says_so } },
	.outcomes = { { "ended", JOSTLE_ALLOWED, "the reader went home" } },
};
