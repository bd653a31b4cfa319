/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A thread returns the address of a thread-local variable as its result. The join orders everything
 * properly, and at that moment the variable ends with its thread.
 */
#include "jostle.h"

#include <stdio.h>

static _Thread_local int count_here;

struct jostle_state {
	int count, seen;
};

static void *count_up(void *arg)
{
	(void)arg;
	for (int i = 0; i < 3; i++)
		count_here++;
	return &count_here;
}

static void *count_up_for_main(void *arg)
{
	struct jostle_state *s = (struct jostle_state *)arg;

	count_up(arg);
	s->count = count_here;
	return &s->count;
}

static void run(struct jostle_state *s, void *(*function)(void *))
{
	pthread_t thread;
	void *result;

	pthread_create(&thread, NULL, function, s);
	pthread_join(thread, &result);
	s->seen = *(int *)result; /* LIFETIME: of a thread that has ended */
}

static void count_locally(struct jostle_state *s)
{
	run(s, count_up);
} /* SEE: a compiler may give the access the line of the call */

static void count_for_main(struct jostle_state *s)
{
	run(s, count_up_for_main);
}

JOSTLE_CASE(broken) = {
	.title = "A thread returns the address of its thread-local variable",
	.tags = "thread-local join",
	.why = "A thread-local variable lives as long as its thread. Its memory is kept for the "
	       "next thread, so that the old value is usually still there, and sometimes not.",
	.ref = "C11 6.2.4 paragraph 4: thread storage duration",
	.expect = JOSTLE_LIFETIME,
	.needs = JOSTLE_NEEDS_ACCESSES,
	.body = count_locally,
};

JOSTLE_CASE(fixed) = {
	.title = "The result is copied to where it outlives the thread",
	.tags = "thread-local join",
	.why = "The state belongs to main, which waits for the thread.",
	.ref = "POSIX.1-2017, pthread_join()",
	.expect = JOSTLE_PASS,
	.body = count_for_main,
};
