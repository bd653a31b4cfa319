/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A "class" whose objects are threads, each with a state of its own. The constructor of the base
 * starts the thread as its last step, and only then the constructor of the derived class sets what
 * is different. The base was ready; the object was not.
 */
#include "jostle.h"

#include <stdio.h>

struct ticker { /* the base: a thread that adds step to total */
	pthread_t thread;
	pthread_mutex_t lock;
	int step, total; /* guarded by lock */
};

struct jostle_state {
	struct ticker ticker;
};

static void *ticker_main(void *arg)
{
	struct ticker *t = arg;

	pthread_mutex_lock(&t->lock);
	t->total += t->step; /* OUTCOME: the base's step */
	pthread_mutex_unlock(&t->lock);
	return NULL;
}

static void ticker_init(struct ticker *t)
{
	pthread_mutex_init(&t->lock, NULL);
	t->step = 1;
}

static void ticker_start(struct ticker *t)
{
	pthread_create(&t->thread, NULL, ticker_main, t);
}

static void ticker_join(struct ticker *t)
{
	pthread_join(t->thread, NULL);
	pthread_mutex_destroy(&t->lock);
}

static void ticker_init_started(struct ticker *t)
{
	ticker_init(t);
	ticker_start(t);
}

/* The derived class: takes steps of ten. */
static void fast_ticker_init_started(struct ticker *t)
{
	ticker_init_started(t);
	pthread_mutex_lock(&t->lock);
	t->step = 10;
	pthread_mutex_unlock(&t->lock);
}

static void fast_ticker_init(struct ticker *t)
{
	ticker_init(t);
	t->step = 10;
}

static void construct_started(struct jostle_state *s)
{
	fast_ticker_init_started(&s->ticker);
	ticker_join(&s->ticker);
}

static void construct_then_start(struct jostle_state *s)
{
	fast_ticker_init(&s->ticker);
	ticker_start(&s->ticker);
	ticker_join(&s->ticker);
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d", s->ticker.total);
}

JOSTLE_CASE(broken) = {
	.title = "The constructor starts the object's thread before the object is whole",
	.tags = "thread create class initialisation",
	.why = "The thread may run before the derived constructor does. The lock keeps the two "
	       "apart; it does not say who comes first.",
	.ref = "CERT C++ and Java rules on publication: TSM01-J, do not let this escape during "
	       "construction",
	.expect = JOSTLE_OUTCOME,
	.observe = observe,
	.body = construct_started,
	.outcomes = { { "10", JOSTLE_ALLOWED, "the constructor was quicker" },
		      { "1", JOSTLE_FORBIDDEN, "the thread was quicker" } },
};

JOSTLE_CASE(fixed) = {
	.title = "Constructing and starting are two functions",
	.tags = "thread create class initialisation",
	.why = "Who made the whole object starts it. What was written before pthread_create() is "
	       "there for the new thread without a lock.",
	.ref = "POSIX.1-2017, pthread_create(); 4.12 Memory Synchronization",
	.expect = JOSTLE_PASS,
	.observe = observe,
	.body = construct_then_start,
	.outcomes = { { "10", JOSTLE_ALLOWED, "always" } },
};
