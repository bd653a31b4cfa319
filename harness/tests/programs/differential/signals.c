/* SPDX-License-Identifier: Apache-2.0 */
/* signal.h: dispositions, masks, sending. */
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "differential.h"

static volatile int order, nested_at, code, value;
static sem_t go, ready;
static sigjmp_buf back;

static void digit(int signo)
{
	order = order * 10 + (signo == SIGUSR1 ? 1 : signo == SIGUSR2 ? 2 : 3);
}

static void raises_another(int signo)
{
	digit(signo);
	raise(SIGUSR2);
	nested_at = order;
}

static void tell_handler(int signo, siginfo_t *info, void *context)
{
	(void)signo, (void)context;
	code = info->si_code;
	value = info->si_value.sival_int;
	handled++;
	sem_post(&ready);
}

static void jumps(int signo)
{
	(void)signo;
	siglongjmp(back, 1);
}

static void dispositions(void)
{
	struct sigaction action = { .sa_handler = digit }, old;

	SETS(sigaction(SIGUSR1, &action, &old));
	with(", was the default %d", old.sa_handler == SIG_DFL);
	SETS(sigaction(SIGUSR1, NULL, &old));
	with(", is set %d", old.sa_handler == digit);
	SETS(sigaction(SIGKILL, &action, NULL));
	SETS(sigaction(SIGSTOP, &action, NULL));
	SETS(sigaction(SIGKILL, NULL, &old));
	SETS(sigaction(0, &action, NULL));
	SETS(sigaction(65, &action, NULL));
	SETS(sigaction(-1, NULL, NULL));
	SETS(raise(SIGUSR1));
	with(", order %d", order);
	SETS(raise(0));
	SETS(raise(77));
	IS_SO(signal(SIGUSR1, SIG_IGN), signal(SIGUSR1, SIG_IGN) == digit);
	SETS(raise(SIGUSR1));
	with(", order %d", order);
	IS_SO(signal(77, SIG_IGN), signal(77, SIG_IGN) == SIG_ERR);
	order = 0;
	handle(SIGUSR1, raises_another, 0);
	handle(SIGUSR2, digit, 0);
	SETS(raise(SIGUSR1));
	with(", nested %d", nested_at);
	order = 0;
	memset(&action, 0, sizeof(action));
	action.sa_handler = raises_another;
	sigaddset(&action.sa_mask, SIGUSR2);
	sigaction(SIGUSR1, &action, NULL);
	SETS(raise(SIGUSR1));
	with(", masked %d, then %d", nested_at, order);
	handle(SIGUSR1, digit, (int)SA_RESETHAND);
	raise(SIGUSR1);
	SETS(sigaction(SIGUSR1, NULL, &old));
	with(", reset %d", old.sa_handler == SIG_DFL);
	handle(SIGUSR1, jumps, 0);
	if (sigsetjmp(back, 1) == 0)
		raise(SIGUSR1);
	SETS(sigprocmask(SIG_BLOCK, NULL, &old.sa_mask));
	with(", jumped, blocked %d", sigismember(&old.sa_mask, SIGUSR1));
}

static void masks(void)
{
	sigset_t set, old, pending;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGUSR2);
	sigaddset(&set, SIGKILL);
	handle(SIGUSR1, digit, 0);
	handle(SIGUSR2, digit, 0);
	order = 0;
	SETS(sigprocmask(SIG_BLOCK, &set, &old));
	with(", was %d", sigismember(&old, SIGUSR1));
	SETS(sigprocmask(SIG_BLOCK, NULL, &old));
	with(", is %d %d", sigismember(&old, SIGUSR1), sigismember(&old, SIGKILL));
	raise(SIGUSR2);
	raise(SIGUSR1);
	raise(SIGUSR1);
	SETS(sigpending(&pending));
	with(", %d %d, order %d", sigismember(&pending, SIGUSR1), sigismember(&pending, SIGUSR2),
	     order);
	SETS(sigprocmask(SIG_UNBLOCK, &set, NULL));
	with(", order %d", order);
	SETS(sigpending(&pending));
	with(", %d", sigismember(&pending, SIGUSR1));
	SETS(sigprocmask(77, &set, NULL));
	GIVES(pthread_sigmask(77, &set, NULL));
	GIVES(pthread_sigmask(SIG_SETMASK, NULL, &old));
	GIVES(pthread_sigmask(77, NULL, &old));
	GIVES(pthread_sigmask(SIG_BLOCK, &set, NULL));
	raise(SIGUSR1);
	order = 0;
	handle(SIGUSR1, SIG_IGN, 0);
	handle(SIGUSR1, digit, 0);
	SETS(sigpending(&pending));
	with(", ignored meanwhile %d", sigismember(&pending, SIGUSR1));
	GIVES(pthread_sigmask(SIG_UNBLOCK, &set, NULL));
	with(", order %d", order);
}

/* ---- sending ---- */

static void *waits(void *unused)
{
	sem_post(&ready);
	while (sem_wait(&go) && errno == EINTR)
		continue;
	return unused;
}

static void sending(void)
{
	const struct sigaction action = { .sa_sigaction = tell_handler, .sa_flags = SA_SIGINFO };
	pthread_t thread;
	sigset_t set;

	sigaction(SIGUSR1, &action, NULL);
	sigaction(SIGRTMIN, &action, NULL);
	handled = 0;
	SETS(kill(getpid(), SIGUSR1));
	with(", handled %d, code %d", handled, code == SI_USER);
	SETS(kill(getpid(), 0));
	SETS(kill(getpid(), 77));
	SETS(kill(getpid(), -1));
	SETS(kill(0x7fffffff, SIGUSR1));
	SETS(sigqueue(getpid(), SIGRTMIN, (union sigval){ .sival_int = 42 }));
	with(", handled %d, code %d, value %d", handled, code == SI_QUEUE, value);
	SETS(sigqueue(getpid(), 77, (union sigval){ .sival_int = 42 }));
	GIVES(pthread_kill(pthread_self(), SIGUSR1));
	with(", handled %d, code %d", handled, code == SI_TKILL);
	GIVES(pthread_kill(pthread_self(), 0));
	GIVES(pthread_kill(pthread_self(), 77));
	GIVES(pthread_kill(pthread_self(), -1));
	GIVES(pthread_kill(pthread_self(), 32));
	GIVES(pthread_sigqueue(pthread_self(), SIGRTMIN, (union sigval){ .sival_int = 43 }));
	with(", handled %d, code %d, value %d", handled, code == SI_QUEUE, value);
	GIVES(pthread_sigqueue(pthread_self(), 0, (union sigval){ .sival_int = 1 }));
	GIVES(pthread_sigqueue(pthread_self(), 77, (union sigval){ .sival_int = 1 }));
	GIVES(pthread_sigqueue(pthread_self(), -1, (union sigval){ .sival_int = 1 }));
	GIVES(pthread_sigqueue(pthread_self(), 33, (union sigval){ .sival_int = 1 }));

	/* Realtime signals queue, in order; others merge. */
	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	sigaddset(&set, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	handled = 0;
	for (int i = 0; i < 3; i++) {
		pthread_kill(pthread_self(), SIGUSR1);
		GIVES(pthread_sigqueue(pthread_self(), SIGRTMIN, (union sigval){ .sival_int = i }));
	}
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	with(", handled %d, last value %d", handled, value);

	handled = 0;
	sem_init(&ready, 0, 0);
	if (pthread_create(&thread, NULL, waits, NULL))
		abort();
	sem_wait(&ready);
	GIVES(pthread_kill(thread, 0));
	pthread_kill(thread, SIGUSR1);
	sem_wait(&ready); /* of the handler */
	says("pthread_kill", "handled %d", handled);
	pthread_sigqueue(thread, SIGRTMIN, (union sigval){ .sival_int = 9 });
	sem_wait(&ready);
	says("pthread_sigqueue", "handled %d, value %d", handled, value);
	sem_post(&go);
	pthread_join(thread, NULL);
	handle(SIGUSR1, SIG_DFL, 0);
	handle(SIGRTMIN, SIG_DFL, 0);
}

static void killed_by_default(void)
{
	raise(SIGTERM);
}

static void killed(void)
{
	kill(getpid(), SIGKILL);
}

static void ignored_by_default(void)
{
	raise(SIGCHLD);
	raise(SIGURG);
	raise(SIGCONT);
}

static void aborted(void)
{
	signal(SIGABRT, SIG_IGN);
	abort();
}

static void by_default(void)
{
	says("raise", "a child by signal %d", WTERMSIG(in_child(killed_by_default)));
	says("kill", "a child by signal %d", WTERMSIG(in_child(killed)));
	says("raise", "a child exits %d", WEXITSTATUS(in_child(ignored_by_default)));
	says("abort", "a child by signal %d", WTERMSIG(in_child(aborted)));
	ignored_by_default();
	says("raise", "still here");
}

static void on_other_stack(void)
{
	static char stack[65536];
	stack_t alternate = { .ss_sp = stack, .ss_size = sizeof(stack) }, old;

	SETS(sigaltstack(NULL, &old));
	with(", disabled %d", old.ss_flags == SS_DISABLE);
	SETS(sigaltstack(&alternate, NULL));
	handle(SIGUSR1, count_signal, SA_ONSTACK);
	handled = 0;
	SETS(raise(SIGUSR1));
	with(", handled %d", handled);
	SETS(sigaltstack(NULL, &old));
	with(", the same %d", old.ss_sp == stack && old.ss_size == sizeof(stack));
	alternate.ss_size = 100;
	SETS(sigaltstack(&alternate, NULL));
	alternate.ss_flags = 77;
	SETS(sigaltstack(&alternate, NULL));
	alternate.ss_flags = SS_DISABLE;
	SETS(sigaltstack(&alternate, NULL));
	handle(SIGUSR1, SIG_DFL, 0);
}

void signals(void)
{
	sem_init(&go, 0, 0);
	sem_init(&ready, 0, 0);
	dispositions();
	masks();
	sending();
	by_default();
	on_other_stack();
}
