/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A semaphore counts what it is told. The helper gives the permit back on its error path, its
 * caller gives it back once more, and from then on two threads are let into a room for one.
 */
#include "jostle.h"

#include <errno.h>
#include <semaphore.h>
#include <stdio.h>

struct jostle_state {
	sem_t room;
	pthread_mutex_t lock;
	int inside, most; /* guarded by lock */
};

static void use_room(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	s->inside++;
	if (s->inside > s->most)
		s->most = s->inside; /* OUTCOME: two of them in a room for one */
	pthread_mutex_unlock(&s->lock);
	pthread_mutex_lock(&s->lock);
	s->inside--;
	pthread_mutex_unlock(&s->lock);
}

static void visitor(struct jostle_state *s)
{
	sem_wait(&s->room);
	use_room(s);
	sem_post(&s->room);
}

/* Gives the permit back, since there is nothing to do. */
static int look_for_work(struct jostle_state *s)
{
	sem_post(&s->room);
	return 0;
}

static void cleaner(struct jostle_state *s)
{
	sem_wait(&s->room);
	if (!look_for_work(s))
		sem_post(&s->room); /* SEE: given back already */
}

static void cleaner_once(struct jostle_state *s)
{
	sem_wait(&s->room);
	look_for_work(s);
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
	if (sem_init(&s->room, 1, 1))
		return errno;
	return init_lock(&s->lock);
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d at once", s->most);
}

static void teardown(struct jostle_state *s)
{
	pthread_mutex_destroy(&s->lock);
	sem_destroy(&s->room);
}

JOSTLE_CASE(broken) = {
	.title = "One release too many lets two threads into a room for one",
	.tags = "semaphore",
	.why = "Unlike a mutex, a semaphore has no owner and so cannot object: the second "
	       "release simply counts up to two.",
	.ref = "POSIX.1-2017, sem_post(); Dijkstra: Cooperating sequential processes, 1965",
	.expect = JOSTLE_OUTCOME,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "cleaner", cleaner }, { "visitor 1", visitor }, { "visitor 2", visitor } },
	.outcomes = { { "1 at once", JOSTLE_ALLOWED, "one after the other" },
		      { "2 at once", JOSTLE_FORBIDDEN, "there was a permit too many" } },
};

JOSTLE_CASE(broken_process) = {
	.title = "One release too many lets two processes into a room for one",
	.tags = "process semaphore",
	.why = "A semaphore has no owner, in shared memory no more than elsewhere.",
	.ref = "POSIX.1-2017, sem_post(); Dijkstra: Cooperating sequential processes, 1965",
	.expect = JOSTLE_OUTCOME,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.processes = { { "cleaner", cleaner }, { "visitor 1", visitor }, { "visitor 2", visitor } },
	.outcomes = { { "1 at once", JOSTLE_ALLOWED, "one after the other" },
		      { "2 at once", JOSTLE_FORBIDDEN, "there was a permit too many" } },
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(fixed) = {
	.title = "Each permit is given back once, by one function",
	.tags = "semaphore",
	.why = "Either the helper releases or its caller does; here the helper does, and says so "
	       "in its comment.",
	.ref = "POSIX.1-2017, sem_post()",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "cleaner", cleaner_once },
		     { "visitor 1", visitor },
		     { "visitor 2", visitor } },
	.outcomes = { { "1 at once", JOSTLE_ALLOWED, "one after the other" } },
};

JOSTLE_CASE(fixed_process) = {
	.title = "Each permit is given back once, by one process",
	.tags = "process semaphore",
	.why = "The helper gives the permit back, and nobody else does.",
	.ref = "POSIX.1-2017, sem_post()",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.processes = { { "cleaner", cleaner_once },
		       { "visitor 1", visitor },
		       { "visitor 2", visitor } },
	.outcomes = { { "1 at once", JOSTLE_ALLOWED, "one after the other" } },
	.schedules = 1000, /* each forks */
};
