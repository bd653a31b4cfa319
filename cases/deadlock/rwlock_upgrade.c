/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A cache is read under a read lock. Who finds nothing asks for the write lock, still reading. A
 * writer waits until all readers are gone, and one of them is the writer itself.
 */
#include "jostle.h"

struct jostle_state {
	pthread_rwlock_t lock;
	int value; /* 0: not computed yet */
};

static void look_up(struct jostle_state *s)
{
	pthread_rwlock_rdlock(&s->lock); /* SEE: this reader never leaves */
	if (s->value == 0) {
		pthread_rwlock_wrlock(&s->lock); /* DEADLOCK: waits for its own read lock */
		s->value = 42;
	}
	pthread_rwlock_unlock(&s->lock);
}

/* Nothing upgrades: leave, come back as a writer, and look again, since others were here. */
static void look_up_again(struct jostle_state *s)
{
	int value;

	pthread_rwlock_rdlock(&s->lock);
	value = s->value;
	pthread_rwlock_unlock(&s->lock);
	if (value != 0)
		return;
	pthread_rwlock_wrlock(&s->lock);
	if (s->value == 0)
		s->value = 42;
	pthread_rwlock_unlock(&s->lock);
}

static int setup(struct jostle_state *s)
{
	return pthread_rwlock_init(&s->lock, NULL);
}

static void teardown(struct jostle_state *s)
{
	pthread_rwlock_destroy(&s->lock);
}

JOSTLE_CASE(broken) = {
	.title = "A reader asks for the write lock without giving up its read lock",
	.tags = "rwlock",
	.why = "POSIX read-write locks cannot be upgraded. The request to write waits for all "
	       "readers, and the thread that waits is one of them.",
	.ref = "POSIX.1-2017, pthread_rwlock_wrlock(): may deadlock if the caller holds the lock",
	.expect = JOSTLE_DEADLOCK,
	.cause = "upgrade",
	.setup = setup,
	.teardown = teardown,
	.threads = { { "look up 1", look_up }, { "look up 2", look_up } },
};

JOSTLE_CASE(fixed) = {
	.title = "The read lock is released first, and the value is looked up again",
	.tags = "rwlock",
	.why = "Between the two locks another thread may have filled the cache, so that the "
	       "question must be asked again under the write lock.",
	.ref = "POSIX.1-2017, pthread_rwlock_wrlock()",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.teardown = teardown,
	.threads = { { "look up 1", look_up_again }, { "look up 2", look_up_again } },
};
