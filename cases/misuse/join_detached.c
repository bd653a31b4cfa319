/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A detached thread frees itself when it ends; nobody can wait for it. Who joins it nevertheless
 * uses an id that may already be freed. What main wants is to know that the work is done.
 */
#include "jostle.h"

#include <errno.h>
#include <semaphore.h>

struct jostle_state {
	sem_t done;
};

static void *worker(void *arg)
{
	struct jostle_state *s = arg;

	sem_post(&s->done);
	return NULL;
}

static int create_detached(struct jostle_state *s, pthread_t *thread)
{
	pthread_attr_t attributes;
	int error = pthread_attr_init(&attributes);

	if (error)
		return error;
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	error = pthread_create(thread, &attributes, worker, s);
	pthread_attr_destroy(&attributes);
	return error;
}

static void join_it(struct jostle_state *s)
{
	pthread_t thread;

	if (create_detached(s, &thread))
		return;
	pthread_join(thread, NULL); /* MISUSE: it was created detached */
	sem_wait(&s->done);
}

static void wait_for_its_word(struct jostle_state *s)
{
	pthread_t thread;

	if (create_detached(s, &thread))
		return;
	sem_wait(&s->done);
}

static int setup(struct jostle_state *s)
{
	return sem_init(&s->done, 0, 0) ? errno : 0;
}

JOSTLE_CASE(broken) = {
	.title = "A detached thread is joined",
	.tags = "join detach",
	.why = "pthread_join() on a detached thread is undefined. With luck it returns EINVAL at "
	       "once, without waiting, and the program goes on as if the work were done.",
	.ref = "POSIX.1-2017, pthread_join(): undefined if not joinable",
	.expect = JOSTLE_MISUSE,
	.cause = "join-detached",
	.setup = setup, /* no teardown: a detached thread may still be inside sem_post() */
	.body = join_it,
};

JOSTLE_CASE(fixed) = {
	.title = "The thread says by a semaphore that it is done",
	.tags = "join detach",
	.why = "One waits for an event, not for the end of a thread. The semaphore must outlive "
	       "the thread's use of it.",
	.ref = "POSIX.1-2017, pthread_detach(), sem_wait()",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.body = wait_for_its_word,
};
