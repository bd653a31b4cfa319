/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A shared value holds one content. The sender who writes the next before the receiver has read the
 * last has overwritten it, and nobody was told: every access was locked, and there is no race. A
 * mailbox needs to know whether it is empty.
 */
#include "jostle.h"

#include <stdio.h>

struct jostle_state {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	int value, is_full; /* guarded by lock */
	int sum;            /* the receiver's own */
};

static void write_over(struct jostle_state *s, int value)
{
	pthread_mutex_lock(&s->lock);
	s->value = value; /* OUTCOME: the last one may not have been read */
	s->is_full = 1;
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
}

static void write_when_empty(struct jostle_state *s, int value)
{
	pthread_mutex_lock(&s->lock);
	while (s->is_full)
		pthread_cond_wait(&s->changed, &s->lock);
	s->value = value;
	s->is_full = 1;
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
}

static int take(struct jostle_state *s)
{
	int value;

	pthread_mutex_lock(&s->lock);
	while (!s->is_full)
		pthread_cond_wait(&s->changed, &s->lock);
	value = s->value;
	s->is_full = 0;
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
	return value;
}

/* The last value, 0, says that no other will come. */
static void hasty_sender(struct jostle_state *s)
{
	write_over(s, 1);
	write_over(s, 2);
	write_when_empty(s, 0);
}

static void sender(struct jostle_state *s)
{
	write_when_empty(s, 1);
	write_when_empty(s, 2);
	write_when_empty(s, 0);
}

static void receiver(struct jostle_state *s)
{
	int value;

	while ((value = take(s)))
		s->sum += value;
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
	snprintf(text, size, "%s", s->sum == 3 ? "both" : "one of two");
}

static void teardown(struct jostle_state *s)
{
	pthread_cond_destroy(&s->changed);
	pthread_mutex_destroy(&s->lock);
}

JOSTLE_CASE(broken) = {
	.title = "A process overwrites a shared value that the other has not read",
	.tags = "ipc shared-memory value",
	.why = "Shared memory is a place and no channel: what is written replaces what was there, "
	       "read or not.",
	.ref = "shm_overview(7): synchronization is the processes' own affair",
	.expect = JOSTLE_OUTCOME,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.processes = { { "sender", hasty_sender }, { "receiver", receiver } },
	.outcomes = { { "both", JOSTLE_ALLOWED, "the receiver was quick enough" },
		      { "one of two", JOSTLE_FORBIDDEN, "the first was overwritten" } },
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(broken_thread) = {
	.title = "A thread overwrites a shared value that the other has not read",
	.tags = "thread value",
	.why = "The lock keeps the two apart and says nothing of whose turn it is.",
	.ref = "Andrews, Schneider: Concepts and Notations for Concurrent Programming, ACM "
	       "Computing Surveys 15(1), 1983",
	.expect = JOSTLE_OUTCOME,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "sender", hasty_sender }, { "receiver", receiver } },
	.outcomes = { { "both", JOSTLE_ALLOWED, "the receiver was quick enough" },
		      { "one of two", JOSTLE_FORBIDDEN, "the first was overwritten" } },
};

JOSTLE_CASE(fixed) = {
	.title = "A process writes the shared value when the last one was taken",
	.tags = "ipc shared-memory value",
	.why = "A flag says whether the place is empty, and the sender waits until it is.",
	.ref = "POSIX.1-2017, pthread_condattr_setpshared()",
	.expect = JOSTLE_PASS,
	.opt_in = JOSTLE_SPURIOUS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.processes = { { "sender", sender }, { "receiver", receiver } },
	.outcomes = { { "both", JOSTLE_ALLOWED, "one after the other" } },
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(fixed_thread) = {
	.title = "A thread writes the shared value when the last one was taken",
	.tags = "thread value",
	.why = "A flag says whether the place is empty, and the sender waits until it is.",
	.ref = "POSIX.1-2017, pthread_cond_wait()",
	.expect = JOSTLE_PASS,
	.opt_in = JOSTLE_SPURIOUS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "sender", sender }, { "receiver", receiver } },
	.outcomes = { { "both", JOSTLE_ALLOWED, "one after the other" } },
};
