/* SPDX-License-Identifier: Apache-2.0 */
/*
 * alarm(), setitimer(), timer_create(), timerfd: none has a name of its own in the library, all are
 * emulated as system calls. A schedule may let any time pass between two calls, natively as well as
 * controlled: no line says that a timer has not expired yet.
 */
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "differential.h"

/* Waits for one of the counted signal, which is blocked elsewhere. */
static void one_signal(int signo, int already)
{
	sigset_t set, old;

	sigemptyset(&set);
	sigaddset(&set, signo);
	sigprocmask(SIG_BLOCK, &set, &old);
	sigdelset(&old, signo);
	while (handled == already)
		sigsuspend(&old);
	sigprocmask(SIG_SETMASK, &old, NULL);
}

static void alarms(void)
{
	handle(SIGALRM, count_signal, 0);
	handled = 0;
	SETS(alarm(0));
	signal(SIGALRM, SIG_IGN);
	SETS(alarm(100));
	IS_SO(alarm(50), alarm(50) <= 100);
	IS_SO(alarm(0), alarm(0) <= 50);
	SETS(alarm(0));
	handle(SIGALRM, count_signal, 0);
	SETS(alarm(1));
	one_signal(SIGALRM, 0);
	with(", handled %d", handled);
	SETS(alarm(0));
}

static int tv_range(const struct timeval *value, long low, long high)
{
	return value->tv_sec >= low && value->tv_sec <= high;
}

static void interval_timers(void)
{
	struct itimerval set = { { 0, 0 }, { 100, 0 } }, old = { { 7, 7 }, { 7, 7 } };
	const int already = handled;

	SETS(getitimer(ITIMER_REAL, &old));
	with(", %ld %ld", (long)old.it_value.tv_sec, (long)old.it_interval.tv_sec);
	signal(SIGALRM, SIG_IGN);
	SETS(setitimer(ITIMER_REAL, &set, &old));
	with(", was set %ld", (long)old.it_value.tv_sec);
	SETS(getitimer(ITIMER_REAL, &old));
	with(", %d %ld", tv_range(&old.it_value, 0, 100), (long)old.it_interval.tv_sec);
	handle(SIGALRM, count_signal, 0);
	set.it_value = (struct timeval){ 0, 20000 };
	set.it_interval = (struct timeval){ 0, 20000 };
	SETS(setitimer(ITIMER_REAL, &set, &old));
	with(", %d", tv_range(&old.it_value, 0, 100));
	one_signal(SIGALRM, already);
	one_signal(SIGALRM, handled);
	set = (struct itimerval){ { 0, 0 }, { 0, 0 } };
	SETS(setitimer(ITIMER_REAL, &set, &old));
	with(", every %ld us", (long)old.it_interval.tv_usec);
	set.it_value = (struct timeval){ 0, 1000000 };
	SETS(setitimer(ITIMER_REAL, &set, NULL));
	SETS(setitimer(77, &set, NULL));
	SETS(getitimer(77, &old));
	SETS(getitimer(ITIMER_REAL, &old));
	with(", %ld", (long)old.it_value.tv_sec);
	handle(SIGALRM, SIG_DFL, 0);
}

static volatile int value_seen;

static void see_value(int signo, siginfo_t *info, void *context)
{
	(void)signo, (void)context;
	value_seen = info->si_code == SI_TIMER ? info->si_value.sival_int : -1;
	handled++;
}

static void posix_timers(void)
{
	const struct sigaction action = { .sa_sigaction = see_value, .sa_flags = SA_SIGINFO };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
	struct itimerspec set = { { 0, 0 }, { 0, 20000000 } }, old;
	timer_t timer, silent;
	int before;

	event.sigev_value.sival_int = 42;
	sigaction(SIGUSR1, &action, NULL);
	handled = 0;
	SETS(timer_create(CLOCK_MONOTONIC, &event, &timer));
	SETS(timer_gettime(timer, &old));
	with(", %ld", (long)old.it_value.tv_sec);
	SETS(timer_settime(timer, 0, &set, NULL));
	one_signal(SIGUSR1, 0);
	with(", handled %d value %d", handled, value_seen);
	SETS(timer_getoverrun(timer));
	set.it_value.tv_sec = 100;
	set.it_interval.tv_sec = 10;
	SETS(timer_settime(timer, 0, &set, &old));
	with(", was %ld", (long)old.it_value.tv_sec);
	SETS(timer_gettime(timer, &old));
	with(", %d %ld", old.it_value.tv_sec >= 0 && old.it_value.tv_sec <= 100,
	     (long)old.it_interval.tv_sec);
	before = handled;
	set.it_value = from_now(CLOCK_MONOTONIC, 20);
	SETS(timer_settime(timer, TIMER_ABSTIME, &set, NULL));
	one_signal(SIGUSR1, before);
	with(", handled %d", handled >= 2);
	set.it_value.tv_nsec = 1000000000;
	SETS(timer_settime(timer, 0, &set, NULL));
	SETS(timer_delete(timer));
	SETS(timer_create(77, &event, &timer));
	event.sigev_signo = 77;
	SETS(timer_create(CLOCK_REALTIME, &event, &timer));
	event.sigev_notify = 77;
	SETS(timer_create(CLOCK_REALTIME, &event, &timer));
	event.sigev_notify = SIGEV_NONE;
	SETS(timer_create(CLOCK_REALTIME, &event, &silent));
	set.it_value = (struct timespec){ 100, 0 };
	SETS(timer_settime(silent, 0, &set, NULL));
	SETS(timer_gettime(silent, &old));
	with(", %d", old.it_value.tv_sec >= 0 && old.it_value.tv_sec <= 100);
	SETS(timer_delete(silent));
	handle(SIGUSR1, SIG_DFL, 0);
}

static void timer_descriptors(void)
{
	struct itimerspec set = { { 0, 0 }, { 0, 20000000 } }, old;
	uint64_t expired = 0;
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK), blocking;

	IS_SO(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK), fd >= 0);
	SETS(read(fd, &expired, sizeof(expired)));
	SETS(timerfd_settime(fd, 0, &set, NULL));
	blocking = timerfd_create(CLOCK_REALTIME, 0);
	IS_SO(timerfd_create(CLOCK_REALTIME, 0), blocking >= 0);
	SETS(timerfd_settime(blocking, 0, &set, NULL));
	SETS(read(blocking, &expired, sizeof(expired)));
	with(", expired %d", (int)expired);
	SETS(read(blocking, &expired, 4));
	set.it_value = from_now(CLOCK_REALTIME, 20);
	SETS(timerfd_settime(blocking, TFD_TIMER_ABSTIME, &set, &old));
	with(", was %ld", (long)old.it_value.tv_sec);
	SETS(read(blocking, &expired, sizeof(expired)));
	with(", expired %d", (int)expired);
	set.it_value = (struct timespec){ 100, 0 };
	SETS(timerfd_settime(fd, 0, &set, NULL));
	SETS(timerfd_gettime(fd, &old));
	with(", %d", old.it_value.tv_sec >= 0 && old.it_value.tv_sec <= 100);
	set.it_value.tv_nsec = -1;
	SETS(timerfd_settime(fd, 0, &set, NULL));
	SETS(timerfd_settime(fd, 77, &set, NULL));
	SETS(timerfd_settime(0, 0, &old, NULL));
	SETS(timerfd_gettime(-1, &old));
	SETS(timerfd_create(77, 0));
	SETS(timerfd_create(CLOCK_REALTIME, 77));
	SETS(close(fd));
	SETS(close(blocking));
}

void timers(void)
{
	alarms();
	interval_timers();
	posix_timers();
	timer_descriptors();
}
