/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A shared array is updated cell by cell, each with the lock held. A reader that comes in between
 * sees the first half new and the second old: two measurements of two different hours side by side.
 * A lock for each cell is not a lock for the array.
 */
#include "jostle.h"

#include <stdio.h>

#define CELLS 2

struct jostle_state {
	pthread_mutex_t lock;
	int cells[CELLS]; /* guarded by lock; all of one hour */
	int seen[CELLS];  /* the reader's own */
};

static void update_each(struct jostle_state *s)
{
	for (int i = 0; i < CELLS; i++) {
		pthread_mutex_lock(&s->lock);
		s->cells[i] = 2;
		pthread_mutex_unlock(&s->lock); /* OUTCOME: the other cells are of hour 1 */
	}
}

static void update_all(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	for (int i = 0; i < CELLS; i++)
		s->cells[i] = 2;
	pthread_mutex_unlock(&s->lock);
}

static void reader(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	for (int i = 0; i < CELLS; i++)
		s->seen[i] = s->cells[i];
	pthread_mutex_unlock(&s->lock);
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
	for (int i = 0; i < CELLS; i++)
		s->cells[i] = 1;
	return error;
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "hours %d %d", s->seen[0], s->seen[1]);
}

static void teardown(struct jostle_state *s)
{
	pthread_mutex_destroy(&s->lock);
}

JOSTLE_CASE(broken) = {
	.title = "A process reads a shared array that another has updated by half",
	.tags = "ipc shared-memory array atomicity",
	.why = "Each access is locked, so no cell is ever torn. The array is.",
	.ref = "Lu, Park, Seo, Zhou: Learning from Mistakes, ASPLOS 2008: multi-variable bugs",
	.expect = JOSTLE_OUTCOME,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.processes = { { "writer", update_each }, { "reader", reader } },
	.outcomes = { { "hours 1 1", JOSTLE_ALLOWED, "before the update" },
		      { "hours 2 2", JOSTLE_ALLOWED, "after it" },
		      { "hours 2 1", JOSTLE_FORBIDDEN, "in its middle" } },
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(broken_thread) = {
	.title = "A thread reads an array that another has updated by half",
	.tags = "thread array atomicity",
	.why = "Each access is locked, so no cell is ever torn. The array is.",
	.ref = "Lu, Park, Seo, Zhou: Learning from Mistakes, ASPLOS 2008: multi-variable bugs",
	.expect = JOSTLE_OUTCOME,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "writer", update_each }, { "reader", reader } },
	.outcomes = { { "hours 1 1", JOSTLE_ALLOWED, "before the update" },
		      { "hours 2 2", JOSTLE_ALLOWED, "after it" },
		      { "hours 2 1", JOSTLE_FORBIDDEN, "in its middle" } },
};

JOSTLE_CASE(fixed) = {
	.title = "A process updates the shared array in one critical section",
	.tags = "ipc shared-memory array atomicity",
	.why = "Who takes the lock finds all cells of one hour.",
	.ref = "POSIX.1-2017, pthread_mutexattr_setpshared()",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.processes = { { "writer", update_all }, { "reader", reader } },
	.outcomes = { { "hours 1 1", JOSTLE_ALLOWED, "before the update" },
		      { "hours 2 2", JOSTLE_ALLOWED, "after it" } },
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(fixed_thread) = {
	.title = "A thread updates the array in one critical section",
	.tags = "thread array atomicity",
	.why = "Who takes the lock finds all cells of one hour.",
	.ref = "POSIX.1-2017, pthread_mutex_lock()",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "writer", update_all }, { "reader", reader } },
	.outcomes = { { "hours 1 1", JOSTLE_ALLOWED, "before the update" },
		      { "hours 2 2", JOSTLE_ALLOWED, "after it" } },
};
