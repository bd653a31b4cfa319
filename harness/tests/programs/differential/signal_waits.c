/* SPDX-License-Identifier: Apache-2.0 */
/* signal.h, unistd.h, sys/signalfd.h: waiting for signals. */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "differential.h"

static sigset_t usr1, both, none;
static pthread_t main_thread;

static void *sends(void *unused)
{
	pthread_kill(main_thread, SIGUSR1);
	return unused;
}

static void *queues(void *unused)
{
	pthread_sigqueue(main_thread, SIGRTMIN, (union sigval){ .sival_int = 42 });
	return unused;
}

static pthread_t later(void *(*function)(void *))
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, function, NULL))
		abort();
	return thread;
}

static void sigwaits(void)
{
	sigset_t empty_with_kill;
	pthread_t thread;
	int signo = 0;

	raise(SIGUSR1);
	GIVES(sigwait(&usr1, &signo));
	with(", signal %d", signo);
	thread = later(sends);
	GIVES(sigwait(&both, &signo));
	with(", signal %d", signo);
	pthread_join(thread, NULL);
	kill(getpid(), SIGUSR1);
	GIVES(sigwait(&usr1, &signo));
	with(", signal %d", signo);
	raise(SIGRTMIN);
	raise(SIGUSR1);
	GIVES(sigwait(&both, &signo)); /* the lower number first */
	with(", signal %d", signo);
	GIVES(sigwait(&both, &signo));
	with(", realtime %d", signo == SIGRTMIN);
	sigemptyset(&empty_with_kill);
	sigaddset(&empty_with_kill, SIGKILL);
	sigaddset(&empty_with_kill, SIGUSR1);
	raise(SIGUSR1);
	GIVES(sigwait(&empty_with_kill, &signo));
	with(", signal %d", signo);
}

static void infos(void)
{
	siginfo_t info;
	pthread_t thread;

	raise(SIGUSR1);
	SETS(sigwaitinfo(&usr1, &info));
	with(", code %d", info.si_code);
	kill(getpid(), SIGUSR1);
	SETS(sigwaitinfo(&usr1, &info));
	with(", code %d, from me %d", info.si_code, info.si_pid == getpid());
	thread = later(queues);
	IS_SO(sigwaitinfo(&both, &info), sigwaitinfo(&both, &info) == SIGRTMIN);
	with(", code %d value %d", info.si_code, info.si_value.sival_int);
	pthread_join(thread, NULL);
	raise(SIGUSR1);
	SETS(sigwaitinfo(&both, NULL));
	pester(1);
	SETS(sigwaitinfo(&usr1, &info));
	pester(0);
}

static void timed(void)
{
	const struct timespec zero = { 0, 0 }, soon = { 0, 20000000 }, late = { 600, 0 };
	const struct timespec negative = { -1, 0 };
	struct timespec start;
	siginfo_t info;
	pthread_t thread;
	int result;

	SETS(sigtimedwait(&usr1, &info, &zero));
	clock_gettime(CLOCK_MONOTONIC, &start);
	SETS(sigtimedwait(&usr1, &info, &soon));
	with(", late enough %d", elapsed(CLOCK_MONOTONIC, &start, 20));
	SETS(sigtimedwait(&usr1, &info, &invalid));
	SETS(sigtimedwait(&usr1, &info, &negative));
	raise(SIGUSR1);
	SETS(sigtimedwait(&usr1, &info, &zero));
	with(", code %d", info.si_code);
	raise(SIGUSR1);
	SETS(sigtimedwait(&usr1, NULL, NULL));
	thread = later(sends);
	/* A schedule may let the deadline come first, however late it is. */
	do
		result = sigtimedwait(&usr1, &info, &late);
	while (result == -1 && errno == EAGAIN);
	says("sigtimedwait", "%d", result);
	pthread_join(thread, NULL);
	SETS(sigtimedwait(&none, &info, &zero));
	pester(1);
	SETS(sigtimedwait(&usr1, &info, &late));
	pester(0);
}

static void suspended(void)
{
	sigset_t open, mask;
	pthread_t thread;

	handle(SIGUSR1, count_signal, 0);
	sigfillset(&open);
	sigdelset(&open, SIGUSR1);
	handled = 0;
	raise(SIGUSR1);
	SETS(sigsuspend(&open));
	with(", handled %d", handled);
	thread = later(sends);
	SETS(sigsuspend(&open));
	with(", handled %d", handled);
	pthread_join(thread, NULL);
	handle(SIGUSR1, count_signal, SA_RESTART); /* no difference to it */
	kill(getpid(), SIGUSR1);
	SETS(sigsuspend(&open));
	with(", handled %d", handled);
	pthread_sigmask(SIG_BLOCK, NULL, &mask);
	with(", blocked again %d", sigismember(&mask, SIGUSR1));
	pester(1);
	SETS(sigsuspend(&none));
	SETS(sigsuspend(&none));
	handled = 0;
	for (int i = 0; i < 5; i++)
		SETS(pause());
	with(", handled %d", handled >= 5);
	pester(0);
	handle(SIGUSR1, SIG_DFL, 0);
}

static void descriptors(void)
{
	struct signalfd_siginfo info = { 0 };
	int fd = signalfd(-1, &both, SFD_NONBLOCK), blocking;
	pthread_t thread;
	sigset_t pending;

	IS_SO(signalfd(-1, &both, SFD_NONBLOCK), fd >= 0);
	SETS(read(fd, &info, sizeof(info)));
	raise(SIGUSR1);
	SETS(read(fd, &info, sizeof(info)));
	with(", signal %u", info.ssi_signo);
	SETS(sigpending(&pending));
	with(", %d", sigismember(&pending, SIGUSR1));
	SETS(read(fd, &info, 5));
	SETS(write(fd, &info, sizeof(info)));
	blocking = signalfd(-1, &usr1, 0);
	kill(getpid(), SIGUSR1);
	SETS(read(blocking, &info, sizeof(info)));
	with(", signal %u", info.ssi_signo);
	thread = later(sends);
	SETS(read(blocking, &info, sizeof(info)));
	with(", signal %u", info.ssi_signo);
	pthread_join(thread, NULL);
	SETS(signalfd(-1, &usr1, 77));
	SETS(signalfd(0, &usr1, 0));
	SETS(signalfd(fd, &usr1, 0) == fd);
	raise(SIGRTMIN);
	SETS(read(fd, &info, sizeof(info))); /* no longer asked for */
	sigtimedwait(&both, NULL, &(struct timespec){ 0, 0 });
	close(fd);
	close(blocking);
}

void signal_waits(void)
{
	main_thread = pthread_self();
	sigemptyset(&none);
	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	both = usr1;
	sigaddset(&both, SIGRTMIN);
	pthread_sigmask(SIG_BLOCK, &both, NULL);
	sigwaits();
	infos();
	timed();
	suspended();
	descriptors();
}
