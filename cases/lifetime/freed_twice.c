/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whoever is last frees the buffer. Each lowers the count with the lock held, and asks with the
 * lock held whether it is zero. Both lower it before either asks, and both free.
 */
#include "jostle.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct jostle_state {
	pthread_mutex_t lock;
	int users; /* guarded by lock */
	char *buffer;
};

static void leave(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	s->users--;
	pthread_mutex_unlock(&s->lock);
}

static int is_unused(struct jostle_state *s)
{
	int unused;

	pthread_mutex_lock(&s->lock);
	unused = s->users == 0;
	pthread_mutex_unlock(&s->lock);
	return unused;
}

static void finish(struct jostle_state *s)
{
	leave(s);
	if (is_unused(s))
		free(s->buffer); /* LIFETIME: by both */
}

static void finish_at_once(struct jostle_state *s)
{
	int unused;

	pthread_mutex_lock(&s->lock);
	unused = --s->users == 0;
	pthread_mutex_unlock(&s->lock);
	if (unused)
		free(s->buffer);
}

static int setup(struct jostle_state *s)
{
	s->users = 2;
	s->buffer = malloc(100); /* SEE: here it is allocated */
	if (!s->buffer)
		return ENOMEM;
	return pthread_mutex_init(&s->lock, NULL);
}

static void teardown(struct jostle_state *s)
{
	pthread_mutex_destroy(&s->lock);
}

JOSTLE_CASE(broken) = {
	.title = "Two threads both find that they are the last, and free",
	.tags = "refcount double-free mutex",
	.why = "Lowering and asking are two critical sections. The answer \"zero\" is given to "
	       "everybody who asks after the last one left.",
	.ref = "CWE-415: Double Free",
	.expect = JOSTLE_LIFETIME,
	.setup = setup,
	.teardown = teardown,
	.threads = { { "user 1", finish }, { "user 2", finish } },
};

JOSTLE_CASE(fixed) = {
	.title = "The subtraction that makes it zero decides",
	.tags = "refcount mutex",
	.why = "Lowered and asked in one critical section, zero is seen once.",
	.ref = "CWE-415: Double Free",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.teardown = teardown,
	.threads = { { "user 1", finish_at_once }, { "user 2", finish_at_once } },
};
