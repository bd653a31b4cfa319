/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Not every object of synchronisation is inherited as one. A semaphore in ordinary memory is bytes
 * like any other, and fork() copies bytes: the child posts its own semaphore, and the parent waits
 * for the other. It must lie in memory that both share, or have a name that both open.
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
	sem_t own;     /* in memory of each process */
	sem_t *shared; /* in memory of all */
	int heard;
};

static void wait_for_child(struct jostle_state *s, sem_t *done)
{
	pid_t child = fork();

	if (child < 0)
		return;
	if (child == 0) {
		sem_post(done); /* SEE: that of the child */
		_exit(0);
	}
	sem_wait(done); /* DEADLOCK: that of the parent, which nobody posts */
	s->heard = 1;
	waitpid(child, NULL, 0);
}

static void wait_for_own(struct jostle_state *s)
{
	wait_for_child(s, &s->own);
}

static void wait_for_shared(struct jostle_state *s)
{
	wait_for_child(s, s->shared);
}

static void *post_own(void *arg)
{
	struct jostle_state *s = arg;

	sem_post(&s->own);
	return NULL;
}

static void wait_for_thread(struct jostle_state *s)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, post_own, s))
		return;
	sem_wait(&s->own);
	s->heard = 1;
	pthread_join(thread, NULL);
}

static int setup(struct jostle_state *s)
{
	void *memory = mmap(NULL, sizeof(*s->shared), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return errno;
	s->shared = memory;
	return sem_init(&s->own, 0, 0) || sem_init(s->shared, 1, 0) ? errno : 0;
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%s", s->heard ? "heard" : "nothing");
}

JOSTLE_CASE(broken) = {
	.title = "A semaphore is copied by fork, and the wrong one is posted",
	.tags = "process semaphore fork inherited",
	.why = "After fork() there are two semaphores at the same address. Descriptors and System "
	       "V ids are inherited as one object; memory is not.",
	.ref = "POSIX.1-2017, sem_init(): pshared; fork()",
	.expect = JOSTLE_DEADLOCK,
	.cause = "semaphore",
	.setup = setup, /* no teardown: somebody may still wait */
	.observe = observe,
	.body = wait_for_own,
	.outcomes = { { "heard", JOSTLE_ALLOWED, "the parent was woken" } },
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(fixed) = {
	.title = "The semaphore lies in shared memory and is made for processes",
	.tags = "process semaphore fork inherited",
	.why = "MAP_SHARED memory is the same for both, and pshared says that others than this "
	       "process's threads will use it.",
	.ref = "POSIX.1-2017, sem_init(): pshared; mmap(2): MAP_SHARED",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.body = wait_for_shared,
	.outcomes = { { "heard", JOSTLE_ALLOWED, "the parent was woken" } },
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(fixed_thread) = {
	.title = "For threads a semaphore in ordinary memory is one",
	.tags = "thread semaphore",
	.why = "Threads share the memory of their process; nothing is copied.",
	.ref = "POSIX.1-2017, sem_init()",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.body = wait_for_thread,
	.outcomes = { { "heard", JOSTLE_ALLOWED, "the thread was heard" } },
};
