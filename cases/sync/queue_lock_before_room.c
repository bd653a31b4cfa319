/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A queue of one's own: an array, a lock, and two semaphores that count its free places and its
 * items. Who waits for a place while it holds the lock waits for somebody who needs that lock to
 * take an item out. First the place, then the lock.
 */
#include "jostle.h"

#include <errno.h>
#include <semaphore.h>
#include <stdio.h>

#define PLACES 1
#define ITEMS  2

struct jostle_state {
	sem_t room, items;
	pthread_mutex_t lock;
	int queue[PLACES], first, count; /* guarded by lock */
	int sum;                         /* the consumer's own */
};

static void append(struct jostle_state *s, int item)
{
	s->queue[(s->first + s->count) % PLACES] = item;
	s->count++;
}

static void put_with_lock_first(struct jostle_state *s, int item)
{
	pthread_mutex_lock(&s->lock); /* SEE: held while waiting for room */
	sem_wait(&s->room);           /* DEADLOCK: the consumer cannot make room without the lock */
	append(s, item);
	pthread_mutex_unlock(&s->lock);
	sem_post(&s->items);
}

static void put(struct jostle_state *s, int item)
{
	sem_wait(&s->room);
	pthread_mutex_lock(&s->lock);
	append(s, item);
	pthread_mutex_unlock(&s->lock);
	sem_post(&s->items);
}

static int get(struct jostle_state *s)
{
	int item;

	sem_wait(&s->items);
	pthread_mutex_lock(&s->lock); /* DEADLOCK: the producer waits with the lock held */
	item = s->queue[s->first];
	s->first = (s->first + 1) % PLACES;
	s->count--;
	pthread_mutex_unlock(&s->lock);
	sem_post(&s->room);
	return item;
}

static void producer_with_lock_first(struct jostle_state *s)
{
	for (int i = 1; i <= ITEMS; i++)
		put_with_lock_first(s, i);
}

static void producer(struct jostle_state *s)
{
	for (int i = 1; i <= ITEMS; i++)
		put(s, i);
}

static void consumer(struct jostle_state *s)
{
	for (int i = 1; i <= ITEMS; i++)
		s->sum += get(s);
}

static int setup(struct jostle_state *s)
{
	pthread_mutexattr_t shared;
	int error = pthread_mutexattr_init(&shared);

	if (error)
		return error;
	pthread_mutexattr_setpshared(&shared, PTHREAD_PROCESS_SHARED);
	error = pthread_mutex_init(&s->lock, &shared);
	pthread_mutexattr_destroy(&shared);
	if (error)
		return error;
	return sem_init(&s->room, 1, PLACES) || sem_init(&s->items, 1, 0) ? errno : 0;
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d", s->sum);
}

JOSTLE_CASE(broken) = {
	.title = "The producer waits for room with the queue's lock held",
	.tags = "queue semaphore full",
	.why = "As long as the queue is never full nothing happens. When it is, the producer "
	       "sleeps on the semaphore with the lock that the consumer needs.",
	.ref = "Dijkstra: Cooperating sequential processes, 1965: the bounded buffer",
	.expect = JOSTLE_DEADLOCK,
	.setup = setup, /* no teardown: somebody may still wait */
	.cause = "forgotten-unlock",
	.observe = observe,
	.threads = { { "producer", producer_with_lock_first }, { "consumer", consumer } },
	.outcomes = { { "3", JOSTLE_ALLOWED, "both items came through" } },
};

JOSTLE_CASE(broken_process) = {
	.title = "A producer process waits for room with the queue's lock held",
	.tags = "process queue semaphore full",
	.why = "In shared memory the same two semaphores and the same lock make the same circle.",
	.ref = "Dijkstra: Cooperating sequential processes, 1965: the bounded buffer",
	.expect = JOSTLE_DEADLOCK,
	.setup = setup,
	.cause = "forgotten-unlock",
	.observe = observe,
	.processes = { { "producer", producer_with_lock_first }, { "consumer", consumer } },
	.outcomes = { { "3", JOSTLE_ALLOWED, "both items came through" } },
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(fixed) = {
	.title = "First the room, then the lock",
	.tags = "queue semaphore full",
	.why = "Nobody waits with the lock held, so who has something to take out can.",
	.ref = "Dijkstra: Cooperating sequential processes, 1965: the bounded buffer",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.threads = { { "producer", producer }, { "consumer", consumer } },
	.outcomes = { { "3", JOSTLE_ALLOWED, "both items came through" } },
};

JOSTLE_CASE(fixed_process) = {
	.title = "First the room, then the lock, between processes",
	.tags = "process queue semaphore full",
	.why = "Nobody waits with the lock held.",
	.ref = "Dijkstra: Cooperating sequential processes, 1965: the bounded buffer",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.processes = { { "producer", producer }, { "consumer", consumer } },
	.outcomes = { { "3", JOSTLE_ALLOWED, "both items came through" } },
	.schedules = 1000, /* each forks */
};
