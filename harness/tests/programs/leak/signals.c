/* SPDX-License-Identifier: Apache-2.0 */
/* Leaves handlers, masks, timers, alternate stacks, exit handlers and keys behind. */
#include "leak.h"
#include <signal.h>
#include <sys/time.h>
#include <time.h>

static void handler(int signo)
{
	(void)signo;
}

static void at_exit(void)
{
}

static unsigned leave(int thread, int argc, char **argv)
{
	const struct itimerval soon = { { 0, 0 }, { 1000, 0 } };
	struct sigaction action = { .sa_handler = handler }, old;
	static char room[2][16384];
	stack_t alternate = { .ss_size = sizeof(room[0]) }, before;
	sigset_t set, mask;
	pthread_key_t key;
	timer_t timer;
	unsigned sum;

	(void)argc, (void)argv;
	EXPECT(sigaltstack(NULL, &before) == 0 && (before.ss_flags & SS_DISABLE));
	if (thread > 0) {
		alternate.ss_sp = room[thread - 1];
		EXPECT(sigaltstack(&alternate, NULL) == 0);
	}
	EXPECT(pthread_sigmask(SIG_BLOCK, NULL, &mask) == 0 && !sigismember(&mask, SIGUSR2));
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	pthread_kill(pthread_self(), SIGUSR2);
	pthread_mutex_lock(&lock);
	EXPECT(sigaction(SIGUSR1, &action, &old) == 0);
	sum = old.sa_handler == SIG_DFL ? 1 : 2;
	EXPECT(sigaction(SIGALRM, &action, NULL) == 0);
	EXPECT(setitimer(ITIMER_REAL, &soon, NULL) == 0);
	EXPECT(timer_create(CLOCK_MONOTONIC, NULL, &timer) == 0);
	EXPECT(pthread_key_create(&key, NULL) == 0);
	sum = sum * 31 + (unsigned)key;
	EXPECT(atexit(at_exit) == 0);
	pthread_mutex_unlock(&lock);
	return sum;
}
