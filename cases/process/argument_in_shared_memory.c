/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Threads that get the address of one loop variable all read what it holds later. With fork() that
 * cannot happen: the child's copy of the variable stands still. It happens again as soon as the
 * number is put into shared memory, one place for all children.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "jostle.h"

#include <errno.h>
#include <semaphore.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHILDREN 2

struct jostle_state {
	struct {
		sem_t lock;         /* between processes */
		int number;         /* guarded by lock: which one the next child is */
		int done[CHILDREN]; /* guarded by lock */
	} * shared;
};

static void number_write(struct jostle_state *s, int number)
{
	sem_wait(&s->shared->lock);
	s->shared->number = number;
	sem_post(&s->shared->lock);
}

static int number_read(struct jostle_state *s)
{
	int number;

	sem_wait(&s->shared->lock);
	number = s->shared->number;
	sem_post(&s->shared->lock);
	return number;
}

/* In the child. */
static void work_on(struct jostle_state *s, int number)
{
	sem_wait(&s->shared->lock);
	s->shared->done[number]++;
	sem_post(&s->shared->lock);
	_exit(0);
}

static void wait_for_all(void)
{
	for (int i = 0; i < CHILDREN; i++)
		wait(NULL);
}

static void numbers_in_shared_memory(struct jostle_state *s)
{
	for (int i = 0; i < CHILDREN; i++) {
		number_write(s, i); /* OUTCOME: the child before may not have read its own yet */
		if (fork() == 0)
			work_on(s, number_read(s));
	}
	wait_for_all();
}

static void numbers_in_a_variable(struct jostle_state *s)
{
	for (int i = 0; i < CHILDREN; i++)
		if (fork() == 0)
			work_on(s, i);
	wait_for_all();
}

static int setup(struct jostle_state *s)
{
	void *memory = mmap(NULL, sizeof(*s->shared), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return errno;
	s->shared = memory;
	return sem_init(&s->shared->lock, 1, 1) ? errno : 0;
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d %d", s->shared->done[0], s->shared->done[1]);
}

static void teardown(struct jostle_state *s)
{
	sem_destroy(&s->shared->lock);
	munmap(s->shared, sizeof(*s->shared));
}

JOSTLE_CASE(broken) = {
	.title = "All children read their argument in the same place of shared memory",
	.tags = "process create argument shared-memory",
	.why = "fork() returns before the child has looked. The parent goes on and writes the next "
	       "number over the one that the first child was to read.",
	.ref = "POSIX.1-2017, fork(); mmap(2), MAP_SHARED",
	.expect = JOSTLE_OUTCOME,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.body = numbers_in_shared_memory,
	.outcomes = { { "1 1", JOSTLE_ALLOWED, "each child did its own" },
		      { "0 2", JOSTLE_FORBIDDEN, "both were told to do the second" } },
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(fixed) = {
	.title = "A child's argument is an ordinary variable, which fork() copies",
	.tags = "process create argument fork",
	.why = "The copy is made at the fork, so the loop variable is the right argument here, and "
	       "with threads it is the wrong one (race/loop_variable_argument).",
	.ref = "POSIX.1-2017, fork(): the new process is an exact copy",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.body = numbers_in_a_variable,
	.outcomes = { { "1 1", JOSTLE_ALLOWED, "each child did its own" } },
	.schedules = 1000, /* each forks */
};
