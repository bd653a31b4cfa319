/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trapped system calls switch threads while vector registers, rounding mode and errno are live: two
 * threads pass a byte back and forth through pipes with syscall instructions of their own, each
 * keeping a pattern in all of its registers. Every round also jumps out of a signal handler that
 * interrupted a trapped call. Exits 0 when nothing was disturbed; the argument is the number of
 * rounds.
 */
#include <errno.h>
#include <fenv.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int there[2], back[2];
static int rounds;
static __thread sigjmp_buf home;

/* The instruction itself, with sixteen vector registers holding the pattern before and compared
 * after. */
static long raw_call(long nr, long a, long b, long c, const unsigned char *pattern,
		     unsigned char *after)
{
	long result = nr;

	__asm__ volatile(
		"movdqu (%[p]), %%xmm0\n\tmovdqu 16(%[p]), %%xmm7\n\tmovdqu 32(%[p]), %%xmm15\n\t"
		"syscall\n\t"
		"movdqu %%xmm0, (%[q])\n\tmovdqu %%xmm7, 16(%[q])\n\tmovdqu %%xmm15, 32(%[q])"
		: "+a"(result)
		: "D"(a), "S"(b), "d"(c), [p] "r"(pattern), [q] "r"(after)
		: "rcx", "r11", "memory", "xmm0", "xmm7", "xmm15");
	return result;
}

static int exchange(int in, int out, int first, int rounding)
{
	unsigned char pattern[48], after[48], byte = 0;

	fesetround(rounding);
	for (int i = 0; i < rounds; i++) {
		for (int k = 0; k < 48; k++)
			pattern[k] = (unsigned char)(k * 5 + i + first);
		errno = 77 + first;
		for (int half = 0; half < 2; half++) {
			const int reads = (half == 0) != (first == 1);

			if (raw_call(reads ? SYS_read : SYS_write, reads ? in : out, (long)&byte, 1,
				     pattern, after) != 1)
				return 1;
			if (memcmp(pattern, after, sizeof(pattern)) != 0)
				return 2;
		}
		if (errno != 77 + first || fegetround() != rounding)
			return 3;
	}
	return 0;
}

static void *partner(void *unused)
{
	(void)unused;
	return (void *)(long)exchange(there[0], back[1], 0, FE_UPWARD);
}

static void jump(int signo)
{
	(void)signo;
	siglongjmp(home, 1);
}

/* A call that never returns by itself, left by longjmp from the handler of a signal sent before. */
static int jump_out(void)
{
	const pid_t self = (pid_t)syscall(SYS_gettid);

	for (volatile int i = 0; i < rounds / 10; i++) {
		if (sigsetjmp(home, 1) == 0) {
			syscall(SYS_tgkill, getpid(), self, SIGUSR1);
			return 4;
		}
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct sigaction action;
	pthread_t thread;
	void *failed;
	int mine;

	rounds = argc > 1 ? atoi(argv[1]) : 20;
	if (pipe(there) != 0 || pipe(back) != 0)
		return 10;
	memset(&action, 0, sizeof(action));
	action.sa_handler = jump;
	sigaction(SIGUSR1, &action, NULL);
	pthread_create(&thread, NULL, partner, NULL);
	mine = exchange(back[0], there[1], 1, FE_DOWNWARD);
	pthread_join(thread, &failed);
	if (mine || failed)
		return mine ? mine : (int)(long)failed + 20;
	return jump_out();
}
