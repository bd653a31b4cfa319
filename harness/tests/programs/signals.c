/* SPDX-License-Identifier: Apache-2.0 */
/* Signals as POSIX has them: handlers, masks, waiting, interrupting, alternate stacks, faults. */
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "must.h"

static volatile sig_atomic_t seen, seen_value, seen_code, depth, depth_max, nested;
static volatile pid_t seen_pid;
static sigjmp_buf home;
static int ends[2];

static void count(int signo)
{
	seen = signo;
}

static void inform(int signo, siginfo_t *info, void *context)
{
	(void)context;
	seen = signo;
	seen_value = info->si_value.sival_int;
	seen_code = info->si_code;
	seen_pid = info->si_pid;
}

static void nest(int signo)
{
	if (++depth > depth_max)
		depth_max = depth;
	if (nested++ < 2)
		raise(signo);
	depth--;
}

static void leave(int signo)
{
	siglongjmp(home, signo);
}

static void on(int signo, void (*handler)(int), int flags)
{
	struct sigaction a;

	memset(&a, 0, sizeof(a));
	a.sa_handler = handler;
	a.sa_flags = flags;
	must(sigaction(signo, &a, NULL) == 0);
}

static sigset_t set_of(int signo)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, signo);
	return set;
}

static void handlers(void)
{
	struct sigaction a;

	on(SIGUSR1, count, 0);
	seen = 0;
	must(raise(SIGUSR1) == 0 && seen == SIGUSR1);
	must(sigaction(SIGUSR1, NULL, &a) == 0 && a.sa_handler == count);
	seen = 0;
	must(kill(getpid(), SIGUSR1) == 0 && seen == SIGUSR1);
	must(pthread_kill(pthread_self(), 0) == 0);
	seen = 0;
	must(pthread_kill(pthread_self(), SIGUSR1) == 0 && seen == SIGUSR1);
	on(SIGUSR2, count, (int)SA_RESETHAND);
	raise(SIGUSR2);
	must(sigaction(SIGUSR2, NULL, &a) == 0 && a.sa_handler == SIG_DFL);
	on(SIGUSR2, nest, SA_NODEFER);
	depth_max = nested = 0;
	raise(SIGUSR2);
	must(depth_max == 3);
	on(SIGUSR2, nest, 0);
	depth_max = nested = 0;
	raise(SIGUSR2);
	must(depth_max == 1 && nested == 3);
	on(SIGUSR2, SIG_IGN, 0);
	must(raise(SIGUSR2) == 0);
	must(sigaction(SIGKILL, &a, NULL) == -1 && errno == EINVAL);
	must(kill(getpid(), 99) == -1 && errno == EINVAL);
}

static void masks(void)
{
	sigset_t set = set_of(SIGUSR1), old, pending;

	on(SIGUSR1, count, 0);
	seen = 0;
	must(pthread_sigmask(SIG_BLOCK, &set, &old) == 0 && !sigismember(&old, SIGUSR1));
	raise(SIGUSR1);
	raise(SIGUSR1);
	must(seen == 0);
	must(sigpending(&pending) == 0 && sigismember(&pending, SIGUSR1));
	must(sigprocmask(SIG_SETMASK, &old, NULL) == 0);
	must(seen == SIGUSR1);
	must(sigpending(&pending) == 0 && !sigismember(&pending, SIGUSR1));
	/* suspended with nothing blocked */
	sigprocmask(SIG_BLOCK, &set, NULL);
	raise(SIGUSR1);
	seen = 0;
	sigemptyset(&old);
	must(sigsuspend(&old) == -1 && errno == EINTR && seen == SIGUSR1);
	sigprocmask(SIG_SETMASK, NULL, &old);
	must(sigismember(&old, SIGUSR1));
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static void values(void)
{
	struct sigaction a;
	union sigval v = { .sival_int = 42 };
	sigset_t set = set_of(SIGRTMIN + 3);
	siginfo_t info;
	struct timespec soon = { 0, 1000000 };
	int signo;

	memset(&a, 0, sizeof(a));
	a.sa_sigaction = inform;
	a.sa_flags = SA_SIGINFO;
	sigaction(SIGRTMIN + 3, &a, NULL);
	must(sigqueue(getpid(), SIGRTMIN + 3, v) == 0);
	must(seen_value == 42 && seen_code == SI_QUEUE && seen_pid == getpid());
	sigprocmask(SIG_BLOCK, &set, NULL);
	for (v.sival_int = 1; v.sival_int <= 3; v.sival_int++)
		sigqueue(getpid(), SIGRTMIN + 3, v);
	must(sigwaitinfo(&set, &info) == SIGRTMIN + 3 && info.si_value.sival_int == 1);
	must(sigwait(&set, &signo) == 0 && signo == SIGRTMIN + 3);
	must(sigtimedwait(&set, &info, &soon) == SIGRTMIN + 3 && info.si_value.sival_int == 3);
	must(sigtimedwait(&set, &info, &soon) == -1 && errno == EAGAIN);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static void *pauser(void *unused)
{
	(void)unused;
	must(pause() == -1 && errno == EINTR);
	return NULL;
}

static void *reader(void *restarts)
{
	char byte;
	const ssize_t size = read(ends[0], &byte, 1);

	if (restarts)
		must(size == 1);
	else
		must(size == 1 || (size == -1 && errno == EINTR));
	return NULL;
}

static void threads(void)
{
	pthread_t t;

	for (int restarts = 0; restarts < 2; restarts++) {
		on(SIGUSR1, count, restarts ? SA_RESTART : 0);
		must(pipe(ends) == 0);
		must(pthread_create(&t, NULL, reader, restarts ? ends : NULL) == 0);
		must(pthread_kill(t, SIGUSR1) == 0);
		must(write(ends[1], "x", 1) == 1);
		must(pthread_join(t, NULL) == 0);
		close(ends[0]);
		close(ends[1]);
	}
	on(SIGUSR1, count, SA_RESTART);
	must(pthread_create(&t, NULL, pauser, NULL) == 0);
	/* Signals until one arrives while it waits. */
	while (pthread_tryjoin_np(t, NULL) != 0) {
		pthread_kill(t, SIGUSR1);
		usleep(1000);
	}
}

static void timers(void)
{
	struct itimerval every = { { 0, 10000 }, { 0, 10000 } }, off = { { 0, 0 }, { 0, 0 } }, old;
	struct sigevent event;
	struct itimerspec once = { { 0, 0 }, { 5, 0 } };
	timer_t timer;

	on(SIGALRM, count, 0);
	must(alarm(100) == 0);
	must(alarm(0) == 100);
	seen = 0;
	alarm(3);
	must(pause() == -1 && seen == SIGALRM);
	must(setitimer(ITIMER_REAL, &every, NULL) == 0);
	for (int i = 0; i < 5; i++) {
		seen = 0;
		must(pause() == -1 && seen == SIGALRM);
	}
	must(setitimer(ITIMER_REAL, &off, &old) == 0 && old.it_interval.tv_usec == 10000);
	alarm(1);
	must(sleep(500) >= 1);
	memset(&event, 0, sizeof(event));
	event.sigev_notify = SIGEV_SIGNAL;
	event.sigev_signo = SIGRTMIN + 3;
	event.sigev_value.sival_int = 17;
	must(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0);
	must(timer_settime(timer, 0, &once, NULL) == 0);
	seen = 0;
	must(pause() == -1 && seen == SIGRTMIN + 3 && seen_value == 17 && seen_code == SI_TIMER);
	must(timer_delete(timer) == 0);
}

static volatile char *handler_stack_low;
static size_t handler_stack_size;

static void where(int signo)
{
	char here;

	seen = &here > handler_stack_low && &here < handler_stack_low + handler_stack_size ? signo
											   : -1;
}

static void alternate(void)
{
	stack_t s = { .ss_size = 64 << 10 }, old;

	s.ss_sp = malloc(s.ss_size);
	handler_stack_low = s.ss_sp;
	handler_stack_size = s.ss_size;
	must(sigaltstack(&s, &old) == 0 && (old.ss_flags & SS_DISABLE));
	on(SIGUSR1, where, SA_ONSTACK);
	raise(SIGUSR1);
	must(seen == SIGUSR1);
	s.ss_flags = SS_DISABLE;
	must(sigaltstack(&s, NULL) == 0);
	free(s.ss_sp);
}

static void skip(int signo, siginfo_t *info, void *context)
{
	(void)context;
	seen = signo;
	must(mprotect((void *)((unsigned long)info->si_addr & ~4095UL), 4096,
		      PROT_READ | PROT_WRITE) == 0);
}

static void faults(void)
{
	struct sigaction a;
	char *page = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	volatile int zero = 0;

	on(SIGSEGV, leave, 0);
	if (sigsetjmp(home, 1) == 0) {
		*(volatile char *)page = 1;
		must(!"reached");
	}
	on(SIGFPE, leave, 0);
	if (sigsetjmp(home, 1) == 0) {
		zero = 10 / zero;
		must(!"reached");
	}
	/* repaired, and the instruction is run again */
	memset(&a, 0, sizeof(a));
	a.sa_sigaction = skip;
	a.sa_flags = SA_SIGINFO;
	sigaction(SIGSEGV, &a, NULL);
	seen = 0;
	*(volatile char *)page = 5;
	must(seen == SIGSEGV && *page == 5);
	munmap(page, 4096);
	on(SIGSEGV, SIG_DFL, 0);
}

static void descriptors(void)
{
	sigset_t set = set_of(SIGUSR2);
	struct signalfd_siginfo info;
	int fd;

	on(SIGUSR2, SIG_DFL, 0);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	must(fd >= 0);
	must(read(fd, &info, sizeof(info)) == -1 && errno == EAGAIN);
	kill(getpid(), SIGUSR2);
	must(read(fd, &info, sizeof(info)) == sizeof(info) && info.ssi_signo == SIGUSR2);
	must(read(fd, &info, sizeof(info)) == -1 && errno == EAGAIN);
	close(fd);
	/* a pipe without reader */
	on(SIGPIPE, count, 0);
	must(pipe(ends) == 0);
	close(ends[0]);
	seen = 0;
	must(write(ends[1], "x", 1) == -1 && errno == EPIPE && seen == SIGPIPE);
	on(SIGPIPE, SIG_IGN, 0);
	must(write(ends[1], "x", 1) == -1 && errno == EPIPE);
	close(ends[1]);
}

int main(void)
{
	struct sigaction a;

	must(sigaction(SIGUSR1, NULL, &a) == 0 && a.sa_handler == SIG_DFL);
	handlers();
	masks();
	values();
	threads();
	timers();
	alternate();
	faults();
	descriptors();
	return 0;
}
