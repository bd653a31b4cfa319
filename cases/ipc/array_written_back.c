/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each worker has a cell of a shared array. One copies the array, changes its cell in the copy and
 * writes the whole back: its neighbour's cell with it, as it was when the copy was made. What the
 * neighbour did in between is lost, although nobody meant to touch it.
 */
#include "jostle.h"

#include <stdio.h>

#define WORKERS 2

struct jostle_state {
	pthread_mutex_t lock;
	int cells[WORKERS]; /* guarded by lock */
};

static void count_in_a_copy(struct jostle_state *s, int worker)
{
	int copy[WORKERS];

	pthread_mutex_lock(&s->lock);
	memcpy(copy, s->cells, sizeof(copy));
	pthread_mutex_unlock(&s->lock);
	copy[worker]++;
	pthread_mutex_lock(&s->lock);
	memcpy(s->cells, copy, sizeof(copy)); /* OUTCOME: the neighbour's cell as it was */
	pthread_mutex_unlock(&s->lock);
}

static void count_in_place(struct jostle_state *s, int worker)
{
	pthread_mutex_lock(&s->lock);
	s->cells[worker]++;
	pthread_mutex_unlock(&s->lock);
}

static void copying_worker_0(struct jostle_state *s)
{
	count_in_a_copy(s, 0);
}

static void copying_worker_1(struct jostle_state *s)
{
	count_in_a_copy(s, 1);
}

static void worker_0(struct jostle_state *s)
{
	count_in_place(s, 0);
}

static void worker_1(struct jostle_state *s)
{
	count_in_place(s, 1);
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
	return error;
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d %d", s->cells[0], s->cells[1]);
}

static void teardown(struct jostle_state *s)
{
	pthread_mutex_destroy(&s->lock);
}

JOSTLE_CASE(broken) = {
	.title = "A process writes back a whole shared array to change its own cell",
	.tags = "ipc shared-memory array",
	.why = "Slices, views and copies are convenient, and so is assigning them. The neighbours "
	       "travel along and come back old.",
	.ref = "shm_overview(7); Lu, Park, Seo, Zhou: Learning from Mistakes, ASPLOS 2008",
	.expect = JOSTLE_OUTCOME,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.processes = { { "worker 0", copying_worker_0 }, { "worker 1", copying_worker_1 } },
	.outcomes = { { "1 1", JOSTLE_ALLOWED, "each counted its own" },
		      { "1 0", JOSTLE_FORBIDDEN, "cell 1 was written back" },
		      { "0 1", JOSTLE_FORBIDDEN, "cell 0 was written back" } },
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(broken_thread) = {
	.title = "A thread writes back a whole array to change its own cell",
	.tags = "thread array",
	.why = "Both copies were made and written with the lock held, and between the two the "
	       "neighbour had its turn.",
	.ref = "Lu, Park, Seo, Zhou: Learning from Mistakes, ASPLOS 2008, section 3.1",
	.expect = JOSTLE_OUTCOME,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "worker 0", copying_worker_0 }, { "worker 1", copying_worker_1 } },
	.outcomes = { { "1 1", JOSTLE_ALLOWED, "each counted its own" },
		      { "1 0", JOSTLE_FORBIDDEN, "cell 1 was written back" },
		      { "0 1", JOSTLE_FORBIDDEN, "cell 0 was written back" } },
};

JOSTLE_CASE(fixed) = {
	.title = "A process writes its own cell alone",
	.tags = "ipc shared-memory array",
	.why = "What is not written cannot be overwritten.",
	.ref = "C11, 3.14: different memory locations do not interfere",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.processes = { { "worker 0", worker_0 }, { "worker 1", worker_1 } },
	.outcomes = { { "1 1", JOSTLE_ALLOWED, "each counted its own" } },
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(fixed_thread) = {
	.title = "A thread writes its own cell alone",
	.tags = "thread array",
	.why = "What is not written cannot be overwritten.",
	.ref = "C11, 3.14: different memory locations do not interfere",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "worker 0", worker_0 }, { "worker 1", worker_1 } },
	.outcomes = { { "1 1", JOSTLE_ALLOWED, "each counted its own" } },
};
