/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A shared array can be made from data, and then it holds them before anybody else knows of it. Or
 * it is made from a size, full of zeros, given to a worker, and filled afterwards. Zeros look like
 * measurements; a worker that starts early computes with them, and nothing complains.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "jostle.h"

#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define CELLS 3

struct array {
	pthread_mutex_t lock;
	int cells[CELLS]; /* guarded by lock */
	int sum;          /* the worker's answer; guarded by lock */
};

struct jostle_state {
	struct array *array; /* in shared memory */
	int sum;             /* what the parent got */
};

static void fill(struct array *array)
{
	pthread_mutex_lock(&array->lock);
	for (int i = 0; i < CELLS; i++)
		array->cells[i] = i + 1; /* OUTCOME: the worker may have read the zeros */
	pthread_mutex_unlock(&array->lock);
}

static void *add_up(void *arg)
{
	struct array *array = arg;

	pthread_mutex_lock(&array->lock);
	for (int i = 0; i < CELLS; i++)
		array->sum += array->cells[i];
	pthread_mutex_unlock(&array->lock);
	return NULL;
}

static pid_t start_worker(struct array *array)
{
	pid_t child = fork();

	if (child == 0) {
		add_up(array);
		_exit(0);
	}
	return child;
}

static void started_then_filled(struct jostle_state *s)
{
	pid_t child = start_worker(s->array);

	fill(s->array);
	waitpid(child, NULL, 0);
	s->sum = s->array->sum;
}

static void filled_then_started(struct jostle_state *s)
{
	pid_t child;

	fill(s->array);
	child = start_worker(s->array);
	waitpid(child, NULL, 0);
	s->sum = s->array->sum;
}

static void thread_started_then_filled(struct jostle_state *s)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, add_up, s->array))
		return;
	fill(s->array);
	pthread_join(thread, NULL);
	s->sum = s->array->sum;
}

static void filled_then_thread_started(struct jostle_state *s)
{
	pthread_t thread;

	fill(s->array);
	if (pthread_create(&thread, NULL, add_up, s->array))
		return;
	pthread_join(thread, NULL);
	s->sum = s->array->sum;
}

static int setup(struct jostle_state *s)
{
	void *memory = mmap(NULL, sizeof(*s->array), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pthread_mutexattr_t shared;
	int error;

	if (memory == MAP_FAILED)
		return errno;
	s->array = memory;
	pthread_mutexattr_init(&shared);
	pthread_mutexattr_setpshared(&shared, PTHREAD_PROCESS_SHARED);
	error = pthread_mutex_init(&s->array->lock, &shared);
	pthread_mutexattr_destroy(&shared);
	return error;
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d", s->sum);
}

static void teardown(struct jostle_state *s)
{
	pthread_mutex_destroy(&s->array->lock);
	munmap(s->array, sizeof(*s->array));
}

JOSTLE_CASE(broken) = {
	.title = "A shared array is made from a size and filled after the worker's start",
	.tags = "ipc shared-memory array order",
	.why = "New memory is zeroed, which is a value like any other: the worker cannot tell an "
	       "empty array from one that holds zeros.",
	.ref = "mmap(2): MAP_ANONYMOUS, the contents are initialized to zero",
	.expect = JOSTLE_OUTCOME,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.body = started_then_filled,
	.outcomes = { { "6", JOSTLE_ALLOWED, "filled in time" },
		      { "0", JOSTLE_FORBIDDEN, "the sum of the zeros" } },
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(broken_thread) = {
	.title = "An array is made from a size and filled after the thread's start",
	.tags = "thread array order",
	.why = "The lock lets either come first, and an array of zeros has a sum as well.",
	.ref = "calloc(3): the memory is set to zero",
	.expect = JOSTLE_OUTCOME,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.body = thread_started_then_filled,
	.outcomes = { { "6", JOSTLE_ALLOWED, "filled in time" },
		      { "0", JOSTLE_FORBIDDEN, "the sum of the zeros" } },
};

JOSTLE_CASE(fixed) = {
	.title = "A shared array holds its data before the worker starts",
	.tags = "ipc shared-memory array order",
	.why = "What was written before the fork is there for the child.",
	.ref = "POSIX.1-2017, fork(); 4.12 Memory Synchronization",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.body = filled_then_started,
	.outcomes = { { "6", JOSTLE_ALLOWED, "made from data" } },
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(fixed_thread) = {
	.title = "An array holds its data before the thread starts",
	.tags = "thread array order",
	.why = "What was written before pthread_create() is there for the thread.",
	.ref = "POSIX.1-2017, pthread_create(); 4.12 Memory Synchronization",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.body = filled_then_thread_started,
	.outcomes = { { "6", JOSTLE_ALLOWED, "made from data" } },
};
