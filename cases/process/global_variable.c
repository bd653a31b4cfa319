/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Threads share the program's variables; processes do not. After fork() the child has a copy of
 * each variable at the same address, changes its copy, and takes it along when it ends. The parent
 * looks at its own, and nothing in the source shows that these are two.
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

struct jostle_state {
	int answer;  /* of this process */
	int *shared; /* one for all processes */
	int seen;    /* by the parent */
};

static void child_then_parent(struct jostle_state *s, int *answer)
{
	pid_t child = fork();

	if (child < 0)
		return;
	if (child == 0) {
		*answer = 42;
		_exit(0);
	}
	waitpid(child, NULL, 0);
	s->seen = *answer; /* OUTCOME: that of the parent, which nobody changed */
}

static void answer_in_a_variable(struct jostle_state *s)
{
	child_then_parent(s, &s->answer);
}

static void answer_in_shared_memory(struct jostle_state *s)
{
	child_then_parent(s, s->shared);
}

static void *thread_main(void *arg)
{
	struct jostle_state *s = arg;

	s->answer = 42;
	return NULL;
}

static void answer_of_a_thread(struct jostle_state *s)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, thread_main, s))
		return;
	pthread_join(thread, NULL);
	s->seen = s->answer;
}

static int setup(struct jostle_state *s)
{
	void *memory = mmap(NULL, sizeof(*s->shared), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return errno;
	s->shared = memory;
	return 0;
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d", s->seen);
}

static void teardown(struct jostle_state *s)
{
	munmap(s->shared, sizeof(*s->shared));
}

JOSTLE_CASE(broken) = {
	.title = "A child process answers in a variable, which is its own copy",
	.tags = "process global fork",
	.why = "The child's memory is a copy that the kernel makes when one of the two writes. "
	       "Waiting for the child does not bring back what it wrote there.",
	.ref = "POSIX.1-2017, fork(): the new process is an exact copy",
	.expect = JOSTLE_OUTCOME,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.body = answer_in_a_variable,
	.outcomes = { { "42", JOSTLE_ALLOWED, "the child's answer" },
		      { "0", JOSTLE_FORBIDDEN, "the parent's own copy" } },
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(fixed) = {
	.title = "The answer stands in memory that was mapped shared before the fork",
	.tags = "process shared-memory fork",
	.why = "MAP_SHARED memory is the one part of a process that fork() does not copy.",
	.ref = "mmap(2), MAP_SHARED",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.body = answer_in_shared_memory,
	.outcomes = { { "42", JOSTLE_ALLOWED, "the child's answer" } },
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(fixed_thread) = {
	.title = "A thread answers in a variable",
	.tags = "thread global join",
	.why = "Threads have all variables in common, and the join orders the two accesses.",
	.ref = "POSIX.1-2017, pthread_join(); 4.12 Memory Synchronization",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.body = answer_of_a_thread,
	.outcomes = { { "42", JOSTLE_ALLOWED, "the thread's answer" } },
};
