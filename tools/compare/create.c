/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Creating and joining. A process copies the description of its parent's memory and that of every
 * open descriptor; a thread gets a stack, which glibc keeps for the next one. What is created does
 * nothing, so that its beginning and end are all that is paid for.
 */
#include <errno.h>
#include <spawn.h>
#include <unistd.h>

#include "compare/kernel.h"

#define SETTLE 16

static void *nothing(void *argument)
{
	return argument;
}

static bool create_process(struct kernel_call *call)
{
	/* It ends at once, so it need not be told to die with us. */
	const pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	if (pid < 0)
		kernel_fail(call, "fork");
	return pid > 0 && kernel_wait(call, pid);
}

static bool create_thread(struct kernel_call *call)
{
	pthread_t thread;
	const int error = pthread_create(&thread, NULL, nothing, NULL);

	if (error) {
		errno = error;
		kernel_fail(call, "pthread_create");
		return false;
	}
	pthread_join(thread, NULL);
	return true;
}

static bool create_program(struct kernel_call *call)
{
	static char name[] = "/bin/true";
	char *argv[] = { name, NULL }, *environment[] = { NULL };
	pid_t pid;
	const int error = posix_spawn(&pid, name, NULL, NULL, argv, environment);

	if (error) {
		errno = error;
		kernel_fail(call, name);
		return false;
	}
	return kernel_wait(call, pid);
}

static void repeat(struct kernel_call *call, bool (*create)(struct kernel_call *))
{
	struct series series = { .count = 0 };

	/* The first ones pay for what the others find: pages touched, a stack made, warm caches. */
	for (uint64_t i = 0; i < SETTLE + SERIES * call->operations; i++) {
		if (i >= SETTLE && (i - SETTLE) % call->operations == 0)
			series_mark(&series);
		if (!create(call))
			return;
	}
	series_mark(&series);
	call->values[0] = series_median(&series);
}

void kernel_create(struct kernel_call *call)
{
	repeat(call, call->way == WAY_PROCESS ? create_process : create_thread);
}

void kernel_program(struct kernel_call *call)
{
	repeat(call, create_program);
}
