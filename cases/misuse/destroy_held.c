/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Main waits until the worker says that its result is there, and takes the room apart. The worker
 * is still inside: it says so one line before it unlocks.
 */
#include "jostle.h"

#include <errno.h>
#include <semaphore.h>

struct jostle_state {
	pthread_mutex_t lock;
	sem_t result_there;
	int result;
};

static void *worker(void *arg)
{
	struct jostle_state *s = arg;

	pthread_mutex_lock(&s->lock); /* SEE: held from here */
	s->result = 42;
	sem_post(&s->result_there);
	pthread_mutex_unlock(&s->lock); /* SEE: until here, when it may be gone */
	return NULL;
}

static void destroy_then_join(struct jostle_state *s)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, worker, s))
		return;
	sem_wait(&s->result_there);
	pthread_mutex_destroy(&s->lock); /* MISUSE: the worker may still hold it */
	pthread_join(thread, NULL);
}

static void join_then_destroy(struct jostle_state *s)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, worker, s))
		return;
	sem_wait(&s->result_there);
	pthread_join(thread, NULL);
	pthread_mutex_destroy(&s->lock);
}

static int setup(struct jostle_state *s)
{
	if (sem_init(&s->result_there, 0, 0))
		return errno;
	return pthread_mutex_init(&s->lock, NULL);
}

static void teardown(struct jostle_state *s)
{
	sem_destroy(&s->result_there);
}

JOSTLE_CASE(broken) = {
	.title = "A mutex is destroyed while a thread holds it",
	.tags = "mutex destroy",
	.why = "The semaphore says that the result is there, not that the worker has left the "
	       "critical section. Destroying a locked mutex is undefined.",
	.ref = "POSIX.1-2017, pthread_mutex_destroy(): undefined if the mutex is locked",
	.expect = JOSTLE_MISUSE,
	.cause = "destroy-held",
	.setup = setup,
	.teardown = teardown,
	.body = destroy_then_join,
};

JOSTLE_CASE(fixed) = {
	.title = "The mutex is destroyed after its last user was joined",
	.tags = "mutex destroy",
	.why = "A thread that was joined holds nothing and will come back for nothing.",
	.ref = "POSIX.1-2017, pthread_mutex_destroy()",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.teardown = teardown,
	.body = join_then_destroy,
};
