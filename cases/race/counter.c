/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The smallest data race: two threads count. "visitors++" is one line of C and three steps of a
 * machine: read, add, write. When both read before either writes, one visitor is not counted.
 */
#include "jostle.h"

#include <stdatomic.h>
#include <stdio.h>

struct jostle_state {
	pthread_mutex_t lock;
	long visitors; /* guarded by lock, or so it should be */
	atomic_long visitors_atomic;
};

static void enter(struct jostle_state *s)
{
	s->visitors++; /* RACE: read, add, write */
}

static void enter_locked(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	s->visitors++;
	pthread_mutex_unlock(&s->lock);
}

static void enter_atomically(struct jostle_state *s)
{
	atomic_fetch_add(&s->visitors_atomic, 1);
}

static int setup(struct jostle_state *s)
{
	atomic_init(&s->visitors_atomic, 0);
	return pthread_mutex_init(&s->lock, NULL);
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%ld", s->visitors + atomic_load(&s->visitors_atomic));
}

static void teardown(struct jostle_state *s)
{
	pthread_mutex_destroy(&s->lock);
}

JOSTLE_CASE(broken) = {
	.title = "Two threads increment one counter",
	.tags = "counter lost-update",
	.why = "Nothing orders the two increments. Both may read 0 and both write 1; and since "
	       "the accesses conflict without order, C promises nothing at all, not even 1.",
	.ref = "C11 5.1.2.4 paragraph 25: data race",
	.expect = JOSTLE_RACE,
	.also = JOSTLE_ALSO(JOSTLE_OUTCOME),
	.needs = JOSTLE_NEEDS_ACCESSES,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "front door", enter }, { "back door", enter } },
	.outcomes = { { "2", JOSTLE_ALLOWED, "both counted" },
		      { "1", JOSTLE_FORBIDDEN, "one visitor is not counted" } },
};

JOSTLE_CASE(fixed) = {
	.title = "The counter is incremented with its lock held",
	.tags = "counter mutex",
	.why = "Whoever unlocks hands the new value to whoever locks next.",
	.ref = "POSIX.1-2017, 4.12 Memory Synchronization",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "front door", enter_locked }, { "back door", enter_locked } },
	.outcomes = { { "2", JOSTLE_ALLOWED, "both counted" } },
};

JOSTLE_CASE(fixed_atomic) = {
	.title = "The counter is atomic, and incremented by one operation",
	.tags = "counter atomic",
	.why = "An atomic read-modify-write is one step, and atomic accesses never race.",
	.ref = "C11 7.17.7.5 atomic_fetch and modify",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "front door", enter_atomically }, { "back door", enter_atomically } },
	.outcomes = { { "2", JOSTLE_ALLOWED, "both counted" } },
};
