/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A mutex used as a bell: main locks it, a helper unlocks it when its work is done, and main, which
 * locks it a second time, wakes. It seems to work on most systems. But a mutex belongs to the
 * thread that locked it, and nobody else may unlock it.
 */
#include "jostle.h"

#include <errno.h>
#include <semaphore.h>

struct jostle_state {
	pthread_mutex_t bell;
	sem_t done;
	int work;
};

static void *helper(void *arg)
{
	struct jostle_state *s = arg;

	s->work = 42;
	pthread_mutex_unlock(&s->bell); /* MISUSE: main locked it */
	return NULL;
}

static void wait_for_bell(struct jostle_state *s)
{
	pthread_t thread;

	pthread_mutex_lock(&s->bell); /* SEE: the owner */
	if (pthread_create(&thread, NULL, helper, s))
		return;
	pthread_mutex_lock(&s->bell); /* SEE: until the helper unlocks */
	pthread_mutex_unlock(&s->bell);
	pthread_join(thread, NULL);
}

/* A semaphore has no owner: one thread waits, another one posts. */
static void *helper_posts(void *arg)
{
	struct jostle_state *s = arg;

	s->work = 42;
	sem_post(&s->done);
	return NULL;
}

static void wait_for_post(struct jostle_state *s)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, helper_posts, s))
		return;
	sem_wait(&s->done);
	pthread_join(thread, NULL);
}

static int setup(struct jostle_state *s)
{
	if (sem_init(&s->done, 0, 0))
		return errno;
	return pthread_mutex_init(&s->bell, NULL);
}

static void teardown(struct jostle_state *s)
{
	pthread_mutex_destroy(&s->bell);
	sem_destroy(&s->done);
}

JOSTLE_CASE(broken) = {
	.title = "A thread unlocks a mutex that another thread holds",
	.tags = "mutex semaphore",
	.why = "Unlocking somebody else's normal mutex is undefined. Where it happens by "
	       "mistake, it opens the owner's critical section to a third thread.",
	.ref = "POSIX.1-2017, pthread_mutex_unlock(): undefined if not the owner, for NORMAL",
	.expect = JOSTLE_MISUSE,
	.cause = "unlock-not-owner",
	.setup = setup,
	.teardown = teardown,
	.body = wait_for_bell,
};

JOSTLE_CASE(fixed) = {
	.title = "A semaphore says that the work is done",
	.tags = "mutex semaphore",
	.why = "What one thread waits for and another one announces is an event, not a lock.",
	.ref = "POSIX.1-2017, sem_post() and sem_wait()",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.teardown = teardown,
	.body = wait_for_post,
};
