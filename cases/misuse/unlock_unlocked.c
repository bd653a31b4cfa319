/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A helper unlocks, its caller unlocks again. On a free mutex the second call is undefined; glibc
 * returns 0 and corrupts its count of users.
 */
#include "jostle.h"

struct jostle_state {
	pthread_mutex_t lock;
	int entries, saved;
};

static void save_and_unlock(struct jostle_state *s)
{
	s->saved = s->entries;
	pthread_mutex_unlock(&s->lock); /* SEE: unlocked here */
}

static void add(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	s->entries++;
	save_and_unlock(s);
	pthread_mutex_unlock(&s->lock); /* MISUSE: and here again */
}

static void add_once(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	s->entries++;
	save_and_unlock(s);
}

static int setup(struct jostle_state *s)
{
	return pthread_mutex_init(&s->lock, NULL);
}

static void teardown(struct jostle_state *s)
{
	pthread_mutex_destroy(&s->lock);
}

JOSTLE_CASE(broken) = {
	.title = "A mutex is unlocked twice",
	.tags = "mutex",
	.why = "The lock is given back by the function that was called and by the one that "
	       "called it. With more threads the second unlock would open somebody else's lock.",
	.ref = "POSIX.1-2017, pthread_mutex_unlock(): undefined if not locked, for NORMAL",
	.expect = JOSTLE_MISUSE,
	.cause = "unlock-unlocked",
	.setup = setup,
	.teardown = teardown,
	.threads = { { "add", add } },
};

JOSTLE_CASE(fixed) = {
	.title = "One function unlocks",
	.tags = "mutex",
	.why = "The helper says in its name that it unlocks, and its caller relies on it.",
	.ref = "POSIX.1-2017, pthread_mutex_unlock()",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.teardown = teardown,
	.threads = { { "add", add_once } },
};
