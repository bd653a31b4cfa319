/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A cache behind a reader-writer lock counts its hits. Looking something up only reads, so it takes
 * the read lock; counting the hit writes, and any number of readers are inside at once.
 */
#include "jostle.h"

#include <stdatomic.h>
#include <stdio.h>

struct jostle_state {
	pthread_rwlock_t lock;
	int value; /* guarded by lock */
	int hits;
	atomic_int hits_atomic;
	int seen[2];
};

static int look_up(struct jostle_state *s)
{
	int value;

	pthread_rwlock_rdlock(&s->lock);
	value = s->value;
	s->hits++; /* RACE: a write under the read lock */
	pthread_rwlock_unlock(&s->lock);
	return value;
}

static int look_up_and_count(struct jostle_state *s)
{
	int value;

	pthread_rwlock_rdlock(&s->lock);
	value = s->value;
	atomic_fetch_add_explicit(&s->hits_atomic, 1, memory_order_relaxed);
	pthread_rwlock_unlock(&s->lock);
	return value;
}

static void first(struct jostle_state *s)
{
	s->seen[0] = look_up(s);
}

static void second(struct jostle_state *s)
{
	s->seen[1] = look_up(s);
}

static void first_counted(struct jostle_state *s)
{
	s->seen[0] = look_up_and_count(s);
}

static void second_counted(struct jostle_state *s)
{
	s->seen[1] = look_up_and_count(s);
}

static int setup(struct jostle_state *s)
{
	s->value = 7;
	atomic_init(&s->hits_atomic, 0);
	return pthread_rwlock_init(&s->lock, NULL);
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d hits", s->hits + atomic_load(&s->hits_atomic));
}

static void teardown(struct jostle_state *s)
{
	pthread_rwlock_destroy(&s->lock);
}

JOSTLE_CASE(broken) = {
	.title = "A statistic is written with only the read lock held",
	.tags = "rwlock lost-update",
	.why = "The read lock keeps writers out, not other readers. A function that reads for "
	       "its caller may still write for itself.",
	.ref = "POSIX.1-2017, pthread_rwlock_rdlock(): multiple threads may hold it",
	.expect = JOSTLE_RACE,
	.also = JOSTLE_ALSO(JOSTLE_OUTCOME),
	.needs = JOSTLE_NEEDS_ACCESSES,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "reader 1", first }, { "reader 2", second } },
	.outcomes = { { "2 hits", JOSTLE_ALLOWED, "both counted" },
		      { "1 hits", JOSTLE_FORBIDDEN, "a hit is lost" } },
};

JOSTLE_CASE(fixed) = {
	.title = "What readers change is atomic",
	.tags = "rwlock atomic",
	.why = "The statistic orders nothing, so that relaxed is enough; but it must be atomic, "
	       "or else written under the write lock.",
	.ref = "C11 7.17.3 paragraph 2: memory_order_relaxed",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "reader 1", first_counted }, { "reader 2", second_counted } },
	.outcomes = { { "2 hits", JOSTLE_ALLOWED, "both counted" } },
};
