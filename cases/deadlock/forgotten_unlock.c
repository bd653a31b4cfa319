/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A server counts requests under a lock and forgets to unlock after a malformed one. It is alive
 * and well and waits to be told to quit. The client never says it, since it stands before the lock.
 */
#include "jostle.h"

#include <errno.h>
#include <semaphore.h>

struct jostle_state {
	pthread_mutex_t counters;
	sem_t requests, quit;
	int request; /* negative: malformed */
	int seen, good;
};

static void handle(struct jostle_state *s)
{
	pthread_mutex_lock(&s->counters); /* SEE: not unlocked after a malformed request */
	s->seen++;
	if (s->request < 0)
		return;
	s->good++;
	pthread_mutex_unlock(&s->counters);
}

static void server(struct jostle_state *s)
{
	sem_wait(&s->requests);
	handle(s);
	sem_wait(&s->quit); /* DEADLOCK: the client is stuck and will not say it */
}

static void client(struct jostle_state *s)
{
	sem_post(&s->requests);
	pthread_mutex_lock(&s->counters); /* DEADLOCK: the server never unlocks */
	s->seen *= 2;
	pthread_mutex_unlock(&s->counters);
	sem_post(&s->quit);
}

static void server_unlocks(struct jostle_state *s)
{
	sem_wait(&s->requests);
	pthread_mutex_lock(&s->counters);
	s->seen++;
	if (s->request >= 0)
		s->good++;
	pthread_mutex_unlock(&s->counters);
	sem_wait(&s->quit);
}

static int setup(struct jostle_state *s)
{
	s->request = -1;
	if (sem_init(&s->requests, 0, 0) || sem_init(&s->quit, 0, 0))
		return errno;
	return pthread_mutex_init(&s->counters, NULL);
}

static void teardown(struct jostle_state *s)
{
	sem_destroy(&s->quit);
	sem_destroy(&s->requests);
	pthread_mutex_destroy(&s->counters);
}

JOSTLE_CASE(broken) = {
	.title = "A live thread waits for work with a lock that it forgot to release",
	.tags = "mutex semaphore",
	.why = "The early return leaves the critical section without unlocking. Nothing is wrong "
	       "until somebody else wants the lock, somewhere else and much later.",
	.ref = "CWE-667: Improper Locking",
	.expect = JOSTLE_DEADLOCK,
	.cause = "forgotten-unlock",
	.setup = setup, /* no teardown: the lock may still be held */
	.threads = { { "server", server }, { "client", client } },
};

JOSTLE_CASE(fixed) = {
	.title = "Every path through the function unlocks",
	.tags = "mutex semaphore",
	.why = "The critical section has one way in and one way out.",
	.ref = "CWE-667: Improper Locking",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.teardown = teardown,
	.threads = { { "server", server_unlocks }, { "client", client } },
};
