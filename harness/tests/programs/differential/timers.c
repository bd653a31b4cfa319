/* SPDX-License-Identifier: Apache-2.0 */
/*
 * alarm(), setitimer(), timer_create(), timerfd, and mq_notify(): most are emulated as system
 * calls, by their names those whose function runs in a thread. A schedule may let any time pass
 * between two calls, natively as well as controlled: no line says that a timer has not expired yet.
 */
#include <fcntl.h>
#include <mqueue.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
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

/* ---- functions that run in a thread ---- */

static sem_t ran;
static pthread_t ran_in;

static void note_value(union sigval value)
{
	value_seen = value.sival_int;
	ran_in = pthread_self();
	sem_post(&ran);
}

static void timer_functions(void)
{
	struct sigevent event = { .sigev_notify = SIGEV_THREAD,
				  .sigev_notify_function = note_value };
	struct itimerspec set = { { 0, 0 }, { 0, 20000000 } }, old;
	pthread_attr_t attributes;
	timer_t timer;

	sem_init(&ran, 0, 0);
	event.sigev_value.sival_int = 43;
	SETS(timer_create(CLOCK_MONOTONIC, &event, &timer));
	SETS(timer_settime(timer, 0, &set, NULL));
	sem_wait(&ran);
	with(", value %d, in main %d", value_seen, pthread_equal(ran_in, pthread_self()));
	SETS(timer_getoverrun(timer));
	SETS(timer_gettime(timer, &old));
	with(", %ld %ld", (long)old.it_value.tv_sec, (long)old.it_value.tv_nsec);
	SETS(timer_settime(timer, 77, &set, &old));
	sem_wait(&ran);
	set.it_value.tv_nsec = -1;
	SETS(timer_settime(timer, 0, &set, &old));
	set.it_value = from_now(CLOCK_MONOTONIC, 20);
	SETS(timer_settime(timer, TIMER_ABSTIME, &set, &old));
	sem_wait(&ran);
	SETS(timer_getoverrun(timer));
	SETS(timer_delete(timer));
	SETS(timer_create(77, &event, &timer));
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, 1 << 20);
	event.sigev_notify_attributes = &attributes;
	event.sigev_signo = 77; /* does not matter */
	SETS(timer_create(CLOCK_REALTIME, &event, &timer));
	pthread_attr_destroy(&attributes);
	SETS(timer_getoverrun(timer));
	set.it_value = (struct timespec){ 0, 1 };
	SETS(timer_settime(timer, 0, &set, NULL));
	sem_wait(&ran);
	SETS(timer_gettime(timer, &old));
	with(", %ld", (long)old.it_value.tv_nsec);
	SETS(timer_delete(timer));
	event.sigev_notify = SIGEV_NONE;
	SETS(timer_create(CLOCK_REALTIME, &event, &timer));
	SETS(timer_getoverrun(timer));
	SETS(timer_delete(timer));
	SETS(timer_delete((timer_t)(uintptr_t)63));
	SETS(timer_getoverrun((timer_t)(uintptr_t)63));
	SETS(timer_gettime((timer_t)(uintptr_t)63, &old));
	SETS(timer_settime((timer_t)(uintptr_t)63, 0, &set, &old));
}

static void queue_functions(void)
{
	struct sigevent event = { .sigev_notify = SIGEV_THREAD,
				  .sigev_notify_function = note_value };
	struct mq_attr attributes = { .mq_maxmsg = 2, .mq_msgsize = 8 };
	char name[64], message[8];
	mqd_t queue;

	snprintf(name, sizeof(name), "/jostle-differential-%d", (int)getpid());
	queue = mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0600, &attributes);
	if (queue < 0 || mq_unlink(name))
		abort();
	event.sigev_value.sival_int = 44;
	SETS(mq_notify(queue, &event));
	SETS(mq_notify(queue, &event)); /* once is all */
	SETS(mq_send(queue, "a", 1, 0));
	sem_wait(&ran);
	with(", value %d, in main %d", value_seen, pthread_equal(ran_in, pthread_self()));
	SETS(mq_notify(queue, &event));
	SETS(mq_send(queue, "b", 1, 0)); /* it is not empty */
	SETS(sem_trywait(&ran));
	SETS(mq_receive(queue, message, sizeof(message), NULL));
	SETS(mq_receive(queue, message, sizeof(message), NULL));
	SETS(mq_send(queue, "c", 1, 0));
	sem_wait(&ran);
	SETS(mq_notify(queue, NULL)); /* nobody asked any more */
	event.sigev_notify = SIGEV_NONE;
	SETS(mq_notify(queue, &event));
	SETS(mq_notify(queue, NULL));
	event.sigev_notify = 77;
	SETS(mq_notify(queue, &event));
	event.sigev_notify = SIGEV_SIGNAL;
	event.sigev_signo = 77;
	SETS(mq_notify(queue, &event));
	event.sigev_signo = SIGUSR1;
	SETS(mq_notify(0, &event));
	SETS(mq_notify(-1, NULL));
	mq_close(queue);
	SETS(mq_notify(queue, &event));
}

void timers(void)
{
	alarms();
	interval_timers();
	posix_timers();
	timer_functions();
	queue_functions();
	timer_descriptors();
}
