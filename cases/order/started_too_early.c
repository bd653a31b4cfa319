/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A thread is started, and then told what to do. pthread_create() hands over everything that was
 * written before it. What is written after it comes by luck.
 */
#include "jostle.h"

#include <stdio.h>

struct jostle_state {
	const char *greeting;
	const char *said;
};

static void *greet(void *arg)
{
	struct jostle_state *s = (struct jostle_state *)arg;

	s->said = s->greeting; /* RACE: it may not have been set yet */
	return NULL;
}

static void start_then_tell(struct jostle_state *s)
{
	pthread_t thread;

	pthread_create(&thread, NULL, greet, s);
	s->greeting = "hello"; /* RACE: after the thread was started */
	pthread_join(thread, NULL);
}

static void tell_then_start(struct jostle_state *s)
{
	pthread_t thread;

	s->greeting = "hello";
	pthread_create(&thread, NULL, greet, s);
	pthread_join(thread, NULL);
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%s", s->said ? s->said : "nothing");
}

JOSTLE_CASE(broken) = {
	.title = "A field is set after the thread that reads it was started",
	.tags = "create initialisation",
	.why = "A new thread may run before pthread_create() returns. Natively it rarely does, "
	       "which is why the mistake survives.",
	.ref = "POSIX.1-2017, pthread_create(); 4.12 Memory Synchronization",
	.expect = JOSTLE_RACE,
	.also = JOSTLE_ALSO(JOSTLE_OUTCOME),
	.needs = JOSTLE_NEEDS_ACCESSES,
	.body = start_then_tell,
	.observe = observe,
	.outcomes = { { "hello", JOSTLE_ALLOWED, "the thread came later" },
		      { "nothing", JOSTLE_FORBIDDEN, "the thread came first" } },
};

JOSTLE_CASE(fixed) = {
	.title = "Everything is set before the thread is started",
	.tags = "create initialisation",
	.why = "pthread_create() orders what came before it before all that the new thread does.",
	.ref = "POSIX.1-2017, pthread_create(); 4.12 Memory Synchronization",
	.expect = JOSTLE_PASS,
	.body = tell_then_start,
	.observe = observe,
	.outcomes = { { "hello", JOSTLE_ALLOWED, "always" } },
};
