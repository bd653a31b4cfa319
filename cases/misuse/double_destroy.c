/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The last user of an object destroys it. "Am I the last?" is asked after the count was lowered,
 * and if both users lower it before either asks, both are the last.
 */
#include "jostle.h"

#include <stdatomic.h>

struct jostle_state {
	pthread_mutex_t log;
	pthread_mutex_t object;
	atomic_int users;
};

static void log_release(struct jostle_state *s)
{
	pthread_mutex_lock(&s->log);
	pthread_mutex_unlock(&s->log);
}

static void release(struct jostle_state *s)
{
	atomic_fetch_sub(&s->users, 1);
	log_release(s);
	if (atomic_load(&s->users) == 0)
		pthread_mutex_destroy(&s->object); /* MISUSE: both users see 0 */
}

/* The subtraction itself tells who was last. */
static void release_by_result(struct jostle_state *s)
{
	int before = atomic_fetch_sub(&s->users, 1);

	log_release(s);
	if (before == 1)
		pthread_mutex_destroy(&s->object);
}

static int setup(struct jostle_state *s)
{
	int error = pthread_mutex_init(&s->log, NULL);

	atomic_init(&s->users, 2);
	return error ? error : pthread_mutex_init(&s->object, NULL);
}

static void teardown(struct jostle_state *s)
{
	pthread_mutex_destroy(&s->log);
}

JOSTLE_CASE(broken) = {
	.title = "Two threads both believe to be the last user and destroy the same mutex",
	.tags = "mutex destroy atomic refcount",
	.why = "The count is atomic, the decision is not: it takes the subtraction and a second "
	       "look. The look may see the other thread's subtraction, too.",
	.ref = "POSIX.1-2017, pthread_mutex_destroy(); C11 7.17.7.5 atomic_fetch and modify",
	.expect = JOSTLE_MISUSE,
	.cause = "double-destroy",
	.setup = setup,
	.teardown = teardown,
	.threads = { { "release 1", release }, { "release 2", release } },
};

JOSTLE_CASE(fixed) = {
	.title = "The result of the subtraction decides who destroys",
	.tags = "mutex destroy atomic refcount",
	.why = "atomic_fetch_sub() returns 1 to exactly one of them.",
	.ref = "C11 7.17.7.5 atomic_fetch and modify",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.teardown = teardown,
	.threads = { { "release 1", release_by_result }, { "release 2", release_by_result } },
};
