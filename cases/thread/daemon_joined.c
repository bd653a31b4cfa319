/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A daemon serves for ever: it waits for a request, answers it, and waits for the next. Main has
 * no more requests and joins it. The daemon waits for main, and main for the daemon.
 */
#include "jostle.h"

#include <errno.h>
#include <semaphore.h>
#include <stdio.h>

struct jostle_state {
	sem_t calls; /* one for each request, and one more to stop */
	pthread_mutex_t lock;
	int requests, answered, stop; /* guarded by lock */
};

/* True when it was told to stop. */
static int answer(struct jostle_state *s)
{
	int stop;

	pthread_mutex_lock(&s->lock);
	s->answered += s->requests;
	s->requests = 0;
	stop = s->stop;
	pthread_mutex_unlock(&s->lock);
	return stop;
}

static void *serve(void *arg)
{
	struct jostle_state *s = arg;

	do
		sem_wait(&s->calls); /* DEADLOCK: for a request that never comes */
	while (!answer(s));
	return NULL;
}

static void request(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	s->requests++;
	pthread_mutex_unlock(&s->lock);
	sem_post(&s->calls);
}

static void tell_to_stop(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	s->stop = 1;
	pthread_mutex_unlock(&s->lock);
	sem_post(&s->calls);
}

static void join_daemon(struct jostle_state *s)
{
	pthread_t daemon;

	if (pthread_create(&daemon, NULL, serve, s))
		return;
	request(s);
	pthread_join(daemon, NULL); /* SEE: nobody told it to end */
}

static void stop_and_join_daemon(struct jostle_state *s)
{
	pthread_t daemon;

	if (pthread_create(&daemon, NULL, serve, s))
		return;
	request(s);
	tell_to_stop(s);
	pthread_join(daemon, NULL);
}

static int setup(struct jostle_state *s)
{
	if (sem_init(&s->calls, 0, 0))
		return errno;
	return pthread_mutex_init(&s->lock, NULL);
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d answered", s->answered);
}

static void teardown(struct jostle_state *s)
{
	pthread_mutex_destroy(&s->lock);
	sem_destroy(&s->calls);
}

JOSTLE_CASE(broken) = {
	.title = "A thread that serves for ever is joined",
	.tags = "thread daemon join semaphore",
	.why = "A join waits for an end, and a daemon has none of its own. Without the join it "
	       "would "
	       "be cut off at the program's exit; with it, the program never comes to its exit.",
	.ref = "POSIX.1-2017, pthread_join()",
	.expect = JOSTLE_DEADLOCK,
	.cause = "semaphore",
	.setup = setup, /* no teardown: the daemon still waits */
	.body = join_daemon,
};

JOSTLE_CASE(fixed) = {
	.title = "The daemon is told to stop, and then joined",
	.tags = "thread daemon join semaphore",
	.why = "The daemon finishes what was asked of it, sees the mark and returns.",
	.ref = "POSIX.1-2017, pthread_join()",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.body = stop_and_join_daemon,
	.outcomes = { { "1 answered", JOSTLE_ALLOWED, "and then it stopped" } },
};
