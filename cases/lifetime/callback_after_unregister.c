/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A callback is unregistered and its context freed. The dispatcher had read both a moment before,
 * and is calling the function right now.
 */
#include "jostle.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct context {
	char name[16];
	int unit;
};

struct jostle_state {
	pthread_mutex_t lock;
	pthread_cond_t idle;
	struct context *context; /* none: not registered; guarded by lock */
	int running;             /* callbacks; guarded by lock */
	int heard;
};

static void on_event(struct jostle_state *s, const struct context *context)
{
	s->heard += context->unit; /* LIFETIME: unregistered, freed, and still called */
}

static void dispatch(struct jostle_state *s)
{
	struct context *context;

	pthread_mutex_lock(&s->lock);
	context = s->context;
	pthread_mutex_unlock(&s->lock); /* SEE: a callback must not run with the lock held */
	if (context)
		on_event(s, context);
}

static void unregister(struct jostle_state *s)
{
	struct context *context;

	pthread_mutex_lock(&s->lock);
	context = s->context;
	s->context = NULL;
	pthread_mutex_unlock(&s->lock);
	free(context); /* SEE: nobody will call it any more, but somebody may be calling it */
}

static void dispatch_counted(struct jostle_state *s)
{
	struct context *context;

	pthread_mutex_lock(&s->lock);
	context = s->context;
	s->running += context != NULL;
	pthread_mutex_unlock(&s->lock);
	if (!context)
		return;
	on_event(s, context);
	pthread_mutex_lock(&s->lock);
	s->running--;
	pthread_cond_signal(&s->idle);
	pthread_mutex_unlock(&s->lock);
}

static void unregister_and_wait(struct jostle_state *s)
{
	struct context *context;

	pthread_mutex_lock(&s->lock);
	context = s->context;
	s->context = NULL;
	while (s->running)
		pthread_cond_wait(&s->idle, &s->lock);
	pthread_mutex_unlock(&s->lock);
	free(context);
}

static int setup(struct jostle_state *s)
{
	int error = pthread_mutex_init(&s->lock, NULL);

	error = error ? error : pthread_cond_init(&s->idle, NULL);
	s->context = calloc(1, sizeof(*s->context)); /* SEE: here it is allocated */
	if (!s->context)
		return ENOMEM;
	s->context->unit = 1;
	return error;
}

static void teardown(struct jostle_state *s)
{
	pthread_cond_destroy(&s->idle);
	pthread_mutex_destroy(&s->lock);
}

JOSTLE_CASE(broken) = {
	.title = "A callback's context is freed while the callback runs",
	.tags = "callback use-after-free mutex",
	.why = "Unregistering stops later calls. It says nothing of the call that has begun.",
	.ref = "CWE-416: Use After Free",
	.expect = JOSTLE_LIFETIME,
	.also = JOSTLE_ALSO(JOSTLE_RACE),
	.needs = JOSTLE_NEEDS_ACCESSES,
	.setup = setup,
	.teardown = teardown,
	.threads = { { "dispatch", dispatch }, { "unregister", unregister } },
};

JOSTLE_CASE(fixed) = {
	.title = "Unregistering waits until no callback runs",
	.tags = "callback condition mutex",
	.why = "Calls are counted with the lock held in which the context is read. When the "
	       "count is zero and nothing is registered, nobody has the pointer.",
	.ref = "POSIX.1-2017, pthread_cond_wait()",
	.expect = JOSTLE_PASS,
	.opt_in = JOSTLE_SPURIOUS,
	.setup = setup,
	.teardown = teardown,
	.threads = { { "dispatch", dispatch_counted }, { "unregister", unregister_and_wait } },
};
