/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An event says that there is mail. The collector waits for it, empties the box, and clears the
 * event: a letter that came, and set the event once more, between the emptying and the clearing is
 * cleared away with it, and lies there for ever. Clear first, then empty.
 */
#include "jostle.h"

#include <stdio.h>

#define LETTERS 2

struct jostle_state {
	pthread_mutex_t lock; /* this and changed: between processes */
	pthread_cond_t changed;
	int is_set;    /* guarded by lock */
	int letters;   /* guarded by lock */
	int collected; /* the collector's own */
};

static void event_set(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	s->is_set = 1;
	pthread_cond_broadcast(&s->changed); /* SEE: heard, or not */
	pthread_mutex_unlock(&s->lock);
}

static void event_clear(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	s->is_set = 0;
	pthread_mutex_unlock(&s->lock);
}

static void event_wait(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	while (!s->is_set)
		pthread_cond_wait(&s->changed, &s->lock); /* DEADLOCK: cleared unseen */
	pthread_mutex_unlock(&s->lock);
}

static int empty_box(struct jostle_state *s)
{
	int letters;

	pthread_mutex_lock(&s->lock);
	letters = s->letters;
	s->letters = 0;
	pthread_mutex_unlock(&s->lock);
	return letters;
}

static void sender(struct jostle_state *s)
{
	for (int i = 0; i < LETTERS; i++) {
		pthread_mutex_lock(&s->lock);
		s->letters++;
		pthread_mutex_unlock(&s->lock);
		event_set(s);
	}
}

static void collector_who_clears_last(struct jostle_state *s)
{
	while (s->collected < LETTERS) {
		event_wait(s);
		s->collected += empty_box(s);
		event_clear(s); /* SEE: also what was set since the box was emptied */
	}
}

static void collector(struct jostle_state *s)
{
	while (s->collected < LETTERS) {
		event_wait(s);
		event_clear(s);
		s->collected += empty_box(s);
	}
}

static int setup(struct jostle_state *s)
{
	pthread_mutexattr_t shared;
	pthread_condattr_t shared_too;
	int error;

	pthread_mutexattr_init(&shared);
	pthread_mutexattr_setpshared(&shared, PTHREAD_PROCESS_SHARED);
	error = pthread_mutex_init(&s->lock, &shared);
	pthread_mutexattr_destroy(&shared);
	if (error)
		return error;
	pthread_condattr_init(&shared_too);
	pthread_condattr_setpshared(&shared_too, PTHREAD_PROCESS_SHARED);
	error = pthread_cond_init(&s->changed, &shared_too);
	pthread_condattr_destroy(&shared_too);
	return error;
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d letters", s->collected);
}

JOSTLE_CASE(broken) = {
	.title = "A process clears an event that was set again meanwhile",
	.tags = "ipc event",
	.why = "Between the emptying and the clearing the sender sets the event for a new letter. "
	       "The clearing cannot tell that setting from the old one.",
	.ref = "POSIX.1-2017, pthread_cond_wait(): the predicate must be tested again",
	.expect = JOSTLE_DEADLOCK,
	.setup = setup, /* no teardown: somebody may still wait */
	.cause = "lost-wakeup",
	.observe = observe,
	.processes = { { "sender", sender }, { "collector", collector_who_clears_last } },
	.outcomes = { { "2 letters", JOSTLE_ALLOWED, "all that were sent" } },
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(broken_thread) = {
	.title = "A thread clears an event that was set again meanwhile",
	.tags = "thread event",
	.why = "The clearing cannot tell a new setting from the old one.",
	.ref = "POSIX.1-2017, pthread_cond_wait(): the predicate must be tested again",
	.expect = JOSTLE_DEADLOCK,
	.setup = setup, /* no teardown: somebody may still wait */
	.cause = "lost-wakeup",
	.observe = observe,
	.threads = { { "sender", sender }, { "collector", collector_who_clears_last } },
	.outcomes = { { "2 letters", JOSTLE_ALLOWED, "all that were sent" } },
};

JOSTLE_CASE(fixed) = {
	.title = "A process clears the event first and looks then",
	.tags = "ipc event",
	.why = "Whatever is set from now on will be seen by the next wait; at worst the collector "
	       "finds the box empty.",
	.ref = "POSIX.1-2017, pthread_cond_wait()",
	.expect = JOSTLE_PASS,
	.opt_in = JOSTLE_SPURIOUS,
	.setup = setup,
	.observe = observe,
	.processes = { { "sender", sender }, { "collector", collector } },
	.outcomes = { { "2 letters", JOSTLE_ALLOWED, "all that were sent" } },
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(fixed_thread) = {
	.title = "A thread clears the event first and looks then",
	.tags = "thread event",
	.why = "Whatever is set from now on will be seen by the next wait.",
	.ref = "POSIX.1-2017, pthread_cond_wait()",
	.expect = JOSTLE_PASS,
	.opt_in = JOSTLE_SPURIOUS,
	.setup = setup,
	.observe = observe,
	.threads = { { "sender", sender }, { "collector", collector } },
	.outcomes = { { "2 letters", JOSTLE_ALLOWED, "all that were sent" } },
};
