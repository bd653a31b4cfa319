/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A daemon serves for ever: it waits for a request, answers it, and waits for the next. Its parent
 * has no more requests and waits for its end. The daemon waits for the parent, and the parent for
 * the daemon.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "jostle.h"

#include <errno.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

struct jostle_state {
	struct {
		sem_t requests, answers; /* between processes */
	} * shared;
};

/* In the child. */
static void serve(struct jostle_state *s)
{
	for (;;) {
		sem_wait(&s->shared->requests); /* DEADLOCK: for a request that never comes */
		sem_post(&s->shared->answers);
	}
}

static pid_t start_daemon(struct jostle_state *s)
{
	pid_t child = fork();

	if (child == 0)
		serve(s);
	return child;
}

static void request(struct jostle_state *s)
{
	sem_post(&s->shared->requests);
	sem_wait(&s->shared->answers);
}

static void wait_for_daemon(struct jostle_state *s)
{
	pid_t daemon = start_daemon(s);

	request(s);
	waitpid(daemon, NULL, 0); /* SEE: nobody told it to end */
}

static void stop_and_wait_for_daemon(struct jostle_state *s)
{
	pid_t daemon = start_daemon(s);

	request(s);
	kill(daemon, SIGTERM);
	waitpid(daemon, NULL, 0);
}

static int setup(struct jostle_state *s)
{
	void *memory = mmap(NULL, sizeof(*s->shared), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return errno;
	s->shared = memory;
	return sem_init(&s->shared->requests, 1, 0) || sem_init(&s->shared->answers, 1, 0) ? errno
											   : 0;
}

static void teardown(struct jostle_state *s)
{
	munmap(s->shared, sizeof(*s->shared));
}

JOSTLE_CASE(broken) = {
	.title = "A process that serves for ever is waited for",
	.tags = "process daemon wait",
	.why = "waitpid() waits for an end, and a daemon has none of its own.",
	.ref = "POSIX.1-2017, waitpid()",
	.expect = JOSTLE_DEADLOCK,
	.cause = "semaphore",
	.setup = setup,
	.body = wait_for_daemon,
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(fixed) = {
	.title = "The daemon is told to end, and then waited for",
	.tags = "process daemon wait kill",
	.why = "SIGTERM is the request to end, which a process may follow in its own way. Each "
	       "request was answered before, so nothing is cut off. A thread has nothing like it.",
	.ref = "POSIX.1-2017, kill() and waitpid()",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.teardown = teardown,
	.body = stop_and_wait_for_daemon,
	.schedules = 1000, /* each forks */
};
