/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The size of a queue is an answer about the past. Two producers each see room for one more, and
 * both put: the queue holds more than it was made for. With an array behind it, the second one
 * writes over its end.
 */
#include "jostle.h"

#include <stdio.h>

#define CAPACITY 2

struct jostle_state {
	pthread_mutex_t lock;
	int size; /* guarded by lock */
};

static int queue_size(struct jostle_state *s)
{
	int size;

	pthread_mutex_lock(&s->lock);
	size = s->size;
	pthread_mutex_unlock(&s->lock);
	return size;
}

static void queue_put(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	s->size++; /* OUTCOME: the room that was seen is gone */
	pthread_mutex_unlock(&s->lock);
}

static void put_if_room(struct jostle_state *s)
{
	if (queue_size(s) < CAPACITY)
		queue_put(s);
}

/* Looks and puts while it holds the lock. */
static void try_put(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	if (s->size < CAPACITY)
		s->size++;
	pthread_mutex_unlock(&s->lock);
}

/* For threads and for processes. */
static int init_lock(pthread_mutex_t *lock)
{
	pthread_mutexattr_t shared;
	int error = pthread_mutexattr_init(&shared);

	if (error)
		return error;
	pthread_mutexattr_setpshared(&shared, PTHREAD_PROCESS_SHARED);
	error = pthread_mutex_init(lock, &shared);
	pthread_mutexattr_destroy(&shared);
	return error;
}

static int setup(struct jostle_state *s)
{
	s->size = CAPACITY - 1;
	return init_lock(&s->lock);
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d of %d", s->size, CAPACITY);
}

static void teardown(struct jostle_state *s)
{
	pthread_mutex_destroy(&s->lock);
}

JOSTLE_CASE(broken) = {
	.title = "A queue's size is asked first, and then something is put",
	.tags = "queue check-then-act",
	.why = "Size, full and empty are true at the moment of the question. Whoever acts upon "
	       "them later acts upon a guess.",
	.ref = "CWE-367: Time-of-check Time-of-use (TOCTOU) Race Condition",
	.expect = JOSTLE_OUTCOME,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "producer 1", put_if_room }, { "producer 2", put_if_room } },
	.outcomes = { { "2 of 2", JOSTLE_ALLOWED, "one of them found the queue full" },
		      { "3 of 2", JOSTLE_FORBIDDEN, "both found the same room" } },
};

JOSTLE_CASE(broken_process) = {
	.title = "A queue in shared memory is asked for its size, and then something is put",
	.tags = "process queue check-then-act",
	.why = "The answer is about the past, and the other process has put meanwhile.",
	.ref = "CWE-367: Time-of-check Time-of-use (TOCTOU) Race Condition",
	.expect = JOSTLE_OUTCOME,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.processes = { { "producer 1", put_if_room }, { "producer 2", put_if_room } },
	.outcomes = { { "2 of 2", JOSTLE_ALLOWED, "one of them found the queue full" },
		      { "3 of 2", JOSTLE_FORBIDDEN, "both found the same room" } },
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(fixed) = {
	.title = "A put that fails when the queue is full",
	.tags = "queue check-then-act",
	.why = "The question and the put share one critical section.",
	.ref = "CWE-367: Time-of-check Time-of-use (TOCTOU) Race Condition",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "producer 1", try_put }, { "producer 2", try_put } },
	.outcomes = { { "2 of 2", JOSTLE_ALLOWED, "one of them found the queue full" } },
};

JOSTLE_CASE(fixed_process) = {
	.title = "A put that fails when the queue in shared memory is full",
	.tags = "process queue check-then-act",
	.why = "The question and the put share one critical section.",
	.ref = "CWE-367: Time-of-check Time-of-use (TOCTOU) Race Condition",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.processes = { { "producer 1", try_put }, { "producer 2", try_put } },
	.outcomes = { { "2 of 2", JOSTLE_ALLOWED, "one of them found the queue full" } },
	.schedules = 1000, /* each forks */
};
