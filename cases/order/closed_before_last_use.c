/* SPDX-License-Identifier: Apache-2.0 */
/*
 * At the end of the program the log is closed, and then the workers are joined. Whatever a worker
 * has to say in between is lost. What is used by others is taken down after them.
 */
#include "jostle.h"

#include <stdio.h>

struct jostle_state {
	pthread_mutex_t lock;
	int open, lines, lost; /* guarded by lock */
};

static void log_line(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	if (s->open)
		s->lines++;
	else
		s->lost++; /* OUTCOME: the log is closed */
	pthread_mutex_unlock(&s->lock);
}

static void *worker(void *arg)
{
	log_line((struct jostle_state *)arg);
	return NULL;
}

static void log_close(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	s->open = 0;
	pthread_mutex_unlock(&s->lock);
}

static void close_then_join(struct jostle_state *s)
{
	pthread_t thread;

	pthread_create(&thread, NULL, worker, s);
	log_close(s); /* SEE: before the worker ended */
	pthread_join(thread, NULL);
}

static void join_then_close(struct jostle_state *s)
{
	pthread_t thread;

	pthread_create(&thread, NULL, worker, s);
	pthread_join(thread, NULL);
	log_close(s);
}

static int setup(struct jostle_state *s)
{
	s->open = 1;
	return pthread_mutex_init(&s->lock, NULL);
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d written, %d lost", s->lines, s->lost);
}

static void teardown(struct jostle_state *s)
{
	pthread_mutex_destroy(&s->lock);
}

JOSTLE_CASE(broken) = {
	.title = "The log is closed before the threads that write to it have ended",
	.tags = "shutdown mutex",
	.why = "Every access is locked and nothing crashes. The last words of the program are "
	       "missing, and those are the interesting ones.",
	.ref = "Lu, Park, Seo, Zhou: Learning from Mistakes, ASPLOS 2008: order violations",
	.expect = JOSTLE_OUTCOME,
	.body = close_then_join,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.outcomes = { { "1 written, 0 lost", JOSTLE_ALLOWED, "the worker was quicker" },
		      { "0 written, 1 lost", JOSTLE_FORBIDDEN, "the log was closed first" } },
};

JOSTLE_CASE(fixed) = {
	.title = "The threads are joined, then the log is closed",
	.tags = "shutdown mutex join",
	.why = "Things are taken down in the opposite order of their use: users first.",
	.ref = "Lu, Park, Seo, Zhou: Learning from Mistakes, ASPLOS 2008: order violations",
	.expect = JOSTLE_PASS,
	.body = join_then_close,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.outcomes = { { "1 written, 0 lost", JOSTLE_ALLOWED, "always" } },
};
