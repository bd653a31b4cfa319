/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An event stays set until it is reset. A worker waits for it, empties the queue, and resets it. A
 * job that comes between the emptying and the reset sets an event that is set already, and then it
 * is reset: the job lies in the queue and nobody is told.
 */
#include "jostle.h"

#include <stdio.h>

struct jostle_state {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	int set;  /* the event; guarded by lock */
	int jobs; /* in the queue; guarded by lock */
};

static void event_reset(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	s->set = 0;
	pthread_mutex_unlock(&s->lock);
}

static void event_wait(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	while (!s->set)
		pthread_cond_wait(&s->changed, &s->lock);
	pthread_mutex_unlock(&s->lock);
}

static void empty_queue(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	s->jobs = 0;
	pthread_mutex_unlock(&s->lock);
}

static void add_jobs(struct jostle_state *s)
{
	for (int i = 0; i < 2; i++) {
		pthread_mutex_lock(&s->lock);
		s->jobs++;
		s->set = 1;
		pthread_cond_signal(&s->changed);
		pthread_mutex_unlock(&s->lock);
	}
}

static void work(struct jostle_state *s)
{
	event_wait(s);
	empty_queue(s);
	event_reset(s); /* OUTCOME: for a job that came after the queue was emptied, too */
}

static void work_after_reset(struct jostle_state *s)
{
	event_wait(s);
	event_reset(s);
	empty_queue(s);
}

static int setup(struct jostle_state *s)
{
	int error = pthread_mutex_init(&s->lock, NULL);

	return error ? error : pthread_cond_init(&s->changed, NULL);
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	if (s->jobs && !s->set)
		snprintf(text, size, "left behind");
	else
		snprintf(text, size, s->set ? "told" : "done");
}

static void teardown(struct jostle_state *s)
{
	pthread_cond_destroy(&s->changed);
	pthread_mutex_destroy(&s->lock);
}

JOSTLE_CASE(broken) = {
	.title = "An event is reset after the work that it announced",
	.tags = "event queue condition",
	.why = "The reset says \"I have seen everything\", and it says so later than it looked.",
	.ref = "Hoare: Monitors, Communications of the ACM 17(10), 1974",
	.expect = JOSTLE_OUTCOME,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "add jobs", add_jobs }, { "worker", work } },
	.outcomes = { { "done", JOSTLE_ALLOWED, "the queue is empty" },
		      { "told", JOSTLE_ALLOWED, "the worker's next wait will return at once" },
		      { "left behind", JOSTLE_FORBIDDEN, "a job, and no event" } },
};

JOSTLE_CASE(fixed) = {
	.title = "An event is reset before looking at what it announced",
	.tags = "event queue condition",
	.why = "What comes after the reset sets the event again. At worst the worker is woken "
	       "once for nothing.",
	.ref = "Hoare: Monitors, Communications of the ACM 17(10), 1974",
	.expect = JOSTLE_PASS,
	.opt_in = JOSTLE_SPURIOUS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "add jobs", add_jobs }, { "worker", work_after_reset } },
	.outcomes = { { "done", JOSTLE_ALLOWED, "the queue is empty" },
		      { "told", JOSTLE_ALLOWED, "the worker's next wait will return at once" } },
};
