/* SPDX-License-Identifier: Apache-2.0 */
/*
 * waitpid() has no timeout, so one asks with WNOHANG, sleeps a little, and asks once more. There
 * are two answers, and whoever does not look at which one it was uses a result that is not there.
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

#define STEPS 6

struct jostle_state {
	struct {
		sem_t lock; /* between processes */
		int result; /* guarded by lock */
	} * shared;
	int printed;
};

/* In the child. */
static void compute(struct jostle_state *s)
{
	for (int i = 0; i < STEPS; i++) { /* of a long computation */
		sem_wait(&s->shared->lock);
		s->shared->result += 7;
		sem_post(&s->shared->lock);
	}
	_exit(0);
}

/* Returns the child's number once it has ended, or 0 when a tenth of a second was not enough. */
static pid_t wait_a_while(pid_t child)
{
	if (waitpid(child, NULL, WNOHANG) == child)
		return child;
	usleep(100000);
	return waitpid(child, NULL, WNOHANG);
}

static void print(struct jostle_state *s)
{
	sem_wait(&s->shared->lock);
	s->printed = s->shared->result; /* OUTCOME: the child was not done */
	sem_post(&s->shared->lock);
}

static void use_whatever_is_there(struct jostle_state *s)
{
	pid_t child = fork(), ended;

	if (child == 0)
		compute(s);
	ended = wait_a_while(child);
	print(s);
	if (!ended)
		waitpid(child, NULL, 0);
}

static void use_what_is_done(struct jostle_state *s)
{
	pid_t child = fork();

	if (child == 0)
		compute(s);
	if (!wait_a_while(child))
		waitpid(child, NULL, 0);
	print(s);
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
	snprintf(text, size, "%s", s->printed == 42 ? "42" : "unfinished");
}

static void teardown(struct jostle_state *s)
{
	sem_destroy(&s->shared->lock);
	munmap(s->shared, sizeof(*s->shared));
}

JOSTLE_CASE(broken) = {
	.title = "A child is waited for a while, and its result is used in both cases",
	.tags = "process wait timeout order",
	.why = "waitpid() with WNOHANG returns 0 as long as the child runs. On a quiet machine "
	       "a tenth of a second is plenty, and on a busy one the result is half a result.",
	.ref = "POSIX.1-2017, waitpid(): WNOHANG",
	.expect = JOSTLE_OUTCOME,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.body = use_whatever_is_there,
	.outcomes = { { "42", JOSTLE_ALLOWED, "the child was done in time" },
		      { "unfinished", JOSTLE_FORBIDDEN, "the time was up first" } },
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(fixed) = {
	.title = "When the time is up, the child is waited for without a limit",
	.tags = "process wait timeout order",
	.why = "The limit is for saying that it takes long, not for believing that it is done.",
	.ref = "POSIX.1-2017, waitpid(): WNOHANG",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.body = use_what_is_done,
	.outcomes = { { "42", JOSTLE_ALLOWED, "the child had ended" } },
	.schedules = 1000, /* each forks */
};
