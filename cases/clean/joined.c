/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A thread's end hands over all that it did to whoever joins it, by whichever of the joins: plain,
 * tried, with a time limit. A join that fails orders nothing.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "jostle.h"

#include <sched.h>
#include <stdio.h>
#include <time.h>

struct jostle_state {
	int data, seen;
};

static void *work(void *arg)
{
	struct jostle_state *s = (struct jostle_state *)arg;

	s->data = 7;
	return NULL;
}

static void *work_and_leave(void *arg)
{
	work(arg);
	pthread_exit(NULL);
}

static void run(struct jostle_state *s, void *(*function)(void *), int (*join)(pthread_t))
{
	pthread_t thread;

	pthread_create(&thread, NULL, function, s);
	while (join(thread))
		sched_yield();
	s->seen = s->data;
}

static int join_plain(pthread_t thread)
{
	return pthread_join(thread, NULL);
}

static int join_tried(pthread_t thread)
{
	return pthread_tryjoin_np(thread, NULL);
}

static int join_timed(pthread_t thread)
{
	struct timespec limit;

	clock_gettime(CLOCK_REALTIME, &limit);
	limit.tv_sec += 1;
	return pthread_timedjoin_np(thread, NULL, &limit);
}

static void plainly(struct jostle_state *s)
{
	run(s, work, join_plain);
}

static void after_exit(struct jostle_state *s)
{
	run(s, work_and_leave, join_plain);
}

static void trying(struct jostle_state *s)
{
	run(s, work, join_tried);
}

static void with_limit(struct jostle_state *s)
{
	run(s, work, join_timed);
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d", s->seen);
}

#define COMMON                                     \
	.expect = JOSTLE_PASS, .observe = observe, \
	.outcomes = { { "7", JOSTLE_ALLOWED, "all that the thread did" } }

JOSTLE_CASE(plain_join) = {
	.title = "Handed over by a join",
	.tags = "clean join",
	.why = "The join returns after the thread's last step.",
	.ref = "POSIX.1-2017, pthread_join(); 4.12 Memory Synchronization",
	.body = plainly,
	COMMON,
};

JOSTLE_CASE(exit_and_join) = {
	.title = "Handed over by pthread_exit() and a join",
	.tags = "clean join",
	.why = "It does not matter how the thread ended.",
	.ref = "POSIX.1-2017, pthread_exit()",
	.body = after_exit,
	COMMON,
};

JOSTLE_CASE(try_join) = {
	.title = "Handed over by a join that was tried until it succeeded",
	.tags = "clean join try",
	.why = "The try that succeeds orders like a join.",
	.ref = "pthread_tryjoin_np(3)",
	.body = trying,
	COMMON,
};

JOSTLE_CASE(timed_join) = {
	.title = "Handed over by a join with a time limit",
	.tags = "clean join time",
	.why = "The one that succeeds orders like a join; after a time-out it is repeated.",
	.ref = "pthread_timedjoin_np(3)",
	.body = with_limit,
	COMMON,
};
