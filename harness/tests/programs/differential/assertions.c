/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What assert() calls when it fails: the program may catch the signal and jump away, and a child
 * ends by it.
 */
#include <assert.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "differential.h"

extern void __assert(const char *assertion, const char *file, int line);

static sigjmp_buf back;

static void jump(int signo)
{
	siglongjmp(back, signo);
}

static int way;

static void fail(void)
{
	if (way == 0)
		__assert_fail("false", "there.c", 1, "here");
	else if (way == 1)
		__assert_perror_fail(ENOENT, "there.c", 1, "here");
	else
		__assert("false", "there.c", 1);
}

static void fail_quietly(void)
{
	signal(SIGABRT, SIG_DFL);
	dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
	fail();
}

void assertions(void)
{
	static const char *const names[] = { "__assert_fail", "__assert_perror_fail", "__assert" };
	volatile int caught = 0;
	int status;

	handle(SIGABRT, jump, 0);
	for (way = 0; way < 3; way++) {
		for (caught = 0; caught < 4; caught++) {
			const int signo = sigsetjmp(back, 1);

			if (signo == 0)
				fail();
			says(names[way], "signal %d", signo);
		}
		status = in_child(fail_quietly);
		says(names[way], "a child ends by %d", WIFSIGNALED(status) ? WTERMSIG(status) : 0);
	}
	handle(SIGABRT, SIG_DFL, 0);
}
