/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A new thread has the name of its creator until somebody gives it another. Here it names itself,
 * and main looks up the name for its log right after pthread_create().
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "jostle.h"

#include <errno.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>

struct jostle_state {
	sem_t named;
	sem_t read; /* a thread that has ended has no name any more */
	char logged[16];
};

static void *worker(void *arg)
{
	struct jostle_state *s = arg;

	pthread_setname_np(pthread_self(), "worker");
	sem_post(&s->named);
	return NULL;
}

static void *worker_that_stays(void *arg)
{
	struct jostle_state *s = arg;

	worker(arg);
	sem_wait(&s->read);
	return NULL;
}

static void log_at_once(struct jostle_state *s)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, worker, s))
		return;
	pthread_getname_np(thread, s->logged, sizeof(s->logged)); /* OUTCOME: not yet its own */
	pthread_join(thread, NULL);
}

static void log_when_named(struct jostle_state *s)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, worker_that_stays, s))
		return;
	sem_wait(&s->named);
	pthread_getname_np(thread, s->logged, sizeof(s->logged));
	sem_post(&s->read);
	pthread_join(thread, NULL);
}

static int setup(struct jostle_state *s)
{
	return sem_init(&s->named, 0, 0) || sem_init(&s->read, 0, 0) ? errno : 0;
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%s", strcmp(s->logged, "worker") ? "another name" : "worker");
}

static void teardown(struct jostle_state *s)
{
	sem_destroy(&s->named);
	sem_destroy(&s->read);
}

JOSTLE_CASE(broken) = {
	.title = "A thread's name is read before the thread has set it",
	.tags = "name order",
	.why = "pthread_create() returns when the thread exists, not when it has done its first "
	       "lines. Until then it is called what its creator is called.",
	.ref = "pthread_setname_np(3); prctl(2), PR_SET_NAME",
	.expect = JOSTLE_OUTCOME,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.body = log_at_once,
	.outcomes = { { "worker", JOSTLE_ALLOWED, "the thread was quicker" },
		      { "another name", JOSTLE_FORBIDDEN, "the name of its creator" } },
};

JOSTLE_CASE(fixed) = {
	.title = "The thread says when it has its name",
	.tags = "name order semaphore",
	.why = "What the thread did before the post happens before the wait returns.",
	.ref = "POSIX.1-2017, 4.12 Memory Synchronization",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.body = log_when_named,
	.outcomes = { { "worker", JOSTLE_ALLOWED, "its own name" } },
};
