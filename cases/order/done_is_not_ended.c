/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A thread says "done" and then writes one more thing, its statistics. Main, which saw "done",
 * reads them. Only a join says that a thread has done all that it will ever do.
 */
#include "jostle.h"

#include <stdatomic.h>
#include <stdio.h>

struct jostle_state {
	atomic_bool done;
	int result, steps;
	int seen_result, seen_steps;
};

static void *compute(void *arg)
{
	struct jostle_state *s = (struct jostle_state *)arg;

	s->result = 12;
	atomic_store(&s->done, 1);
	s->steps = 3; /* RACE: after saying that all is done */
	return NULL;
}

static void read_when_done(struct jostle_state *s)
{
	pthread_t thread;

	s->seen_result = s->seen_steps = -1;
	pthread_create(&thread, NULL, compute, s);
	if (atomic_load(&s->done)) {
		s->seen_result = s->result;
		s->seen_steps = s->steps; /* RACE: done, and still at it */
	}
	pthread_join(thread, NULL);
}

static void read_when_joined(struct jostle_state *s)
{
	pthread_t thread;

	pthread_create(&thread, NULL, compute, s);
	pthread_join(thread, NULL);
	s->seen_result = s->result;
	s->seen_steps = s->steps;
}

static int setup(struct jostle_state *s)
{
	atomic_init(&s->done, 0);
	return 0;
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d in %d", s->seen_result, s->seen_steps);
}

JOSTLE_CASE(broken) = {
	.title = "A flag that says \"done\" is taken for the end of the thread",
	.tags = "join flag atomic",
	.why = "The flag orders what came before it, the result. A line that was added after it "
	       "is ordered by nothing.",
	.ref = "C11 5.1.2.4 paragraph 11: a release synchronizes with an acquire",
	.expect = JOSTLE_RACE,
	.also = JOSTLE_ALSO(JOSTLE_OUTCOME),
	.needs = JOSTLE_NEEDS_ACCESSES,
	.body = read_when_done,
	.setup = setup,
	.observe = observe,
	.outcomes = { { "-1 in -1", JOSTLE_ALLOWED, "not done yet" },
		      { "12 in 3", JOSTLE_ALLOWED, "all is there" },
		      { "12 in 0", JOSTLE_FORBIDDEN, "done in no steps" } },
};

JOSTLE_CASE(fixed) = {
	.title = "The thread is joined before its results are read",
	.tags = "join",
	.why = "pthread_join() returns when the thread has ended, and orders all of it before "
	       "what follows.",
	.ref = "POSIX.1-2017, pthread_join(); 4.12 Memory Synchronization",
	.expect = JOSTLE_PASS,
	.body = read_when_joined,
	.setup = setup,
	.observe = observe,
	.outcomes = { { "12 in 3", JOSTLE_ALLOWED, "all is there" } },
};
