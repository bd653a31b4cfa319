/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A reader finds that an entry is missing, gives up its read lock, takes the write lock, and adds
 * the entry. Between the two locks another reader did the same.
 */
#include "jostle.h"

#include <stdio.h>

struct jostle_state {
	pthread_rwlock_t lock;
	int entries; /* guarded by lock */
};

static int is_missing(struct jostle_state *s)
{
	int missing;

	pthread_rwlock_rdlock(&s->lock);
	missing = s->entries == 0;
	pthread_rwlock_unlock(&s->lock);
	return missing;
}

static void look_up(struct jostle_state *s)
{
	if (!is_missing(s))
		return;
	pthread_rwlock_wrlock(&s->lock);
	s->entries++; /* OUTCOME: it was missing a moment ago */
	pthread_rwlock_unlock(&s->lock);
}

static void look_up_again(struct jostle_state *s)
{
	if (!is_missing(s))
		return;
	pthread_rwlock_wrlock(&s->lock);
	if (s->entries == 0)
		s->entries++;
	pthread_rwlock_unlock(&s->lock);
}

static int setup(struct jostle_state *s)
{
	return pthread_rwlock_init(&s->lock, NULL);
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d", s->entries);
}

static void teardown(struct jostle_state *s)
{
	pthread_rwlock_destroy(&s->lock);
}

JOSTLE_CASE(broken) = {
	.title = "From read lock to write lock without a second look",
	.tags = "rwlock check-then-act cache",
	.why = "A read lock cannot be turned into a write lock; it is given up first. What was "
	       "seen under it is hearsay from then on.",
	.ref = "POSIX.1-2017, pthread_rwlock_wrlock()",
	.expect = JOSTLE_OUTCOME,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "user 1", look_up }, { "user 2", look_up } },
	.outcomes = { { "1", JOSTLE_ALLOWED, "one entry" },
		      { "2", JOSTLE_FORBIDDEN, "the entry was added twice" } },
};

JOSTLE_CASE(fixed) = {
	.title = "The write lock is followed by a second look",
	.tags = "rwlock cache",
	.why = "The first look, which is cheap, says that it may be necessary; the second one, "
	       "with the write lock, says that it is.",
	.ref = "POSIX.1-2017, pthread_rwlock_wrlock()",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "user 1", look_up_again }, { "user 2", look_up_again } },
	.outcomes = { { "1", JOSTLE_ALLOWED, "one entry" } },
};
