/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fork() returns at once, and the child may not have begun. Its result in shared memory is there
 * when waitpid() has returned, as a thread's is after pthread_join(). The semaphore that protects
 * the sum keeps the two apart; it does not make the parent wait.
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

struct jostle_state {
	struct {
		sem_t lock; /* between processes */
		int sum;    /* guarded by lock */
	} * shared;
	int printed;
};

static int sum_read(struct jostle_state *s)
{
	int sum;

	sem_wait(&s->shared->lock);
	sum = s->shared->sum;
	sem_post(&s->shared->lock);
	return sum;
}

static pid_t start_child(struct jostle_state *s)
{
	pid_t child = fork();

	if (child == 0) {
		sem_wait(&s->shared->lock);
		s->shared->sum = 6;
		sem_post(&s->shared->lock);
		_exit(0);
	}
	return child;
}

static void read_then_wait(struct jostle_state *s)
{
	pid_t child = start_child(s);

	s->printed = sum_read(s); /* OUTCOME: the child may not have begun */
	waitpid(child, NULL, 0);
}

static void wait_then_read(struct jostle_state *s)
{
	pid_t child = start_child(s);

	waitpid(child, NULL, 0);
	s->printed = sum_read(s);
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
	snprintf(text, size, "%d", s->printed);
}

static void teardown(struct jostle_state *s)
{
	sem_destroy(&s->shared->lock);
	munmap(s->shared, sizeof(*s->shared));
}

JOSTLE_CASE(broken) = {
	.title = "A child's result is used before the child was waited for",
	.tags = "process order wait",
	.why = "The two processes run side by side from the moment of the fork, and the parent "
	       "is often the first.",
	.ref = "POSIX.1-2017, fork() and waitpid()",
	.expect = JOSTLE_OUTCOME,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.body = read_then_wait,
	.outcomes = { { "6", JOSTLE_ALLOWED, "the child was done" },
		      { "0", JOSTLE_FORBIDDEN, "the child had not begun" } },
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(fixed) = {
	.title = "The child is waited for first, then its result is used",
	.tags = "process order wait",
	.why = "waitpid() is to processes what pthread_join() is to threads.",
	.ref = "POSIX.1-2017, waitpid(); 4.12 Memory Synchronization",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.body = wait_then_read,
	.outcomes = { { "6", JOSTLE_ALLOWED, "the child was done" } },
	.schedules = 1000, /* each forks */
};
