/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loops that do nothing but ask, by a call that is no scheduling point, until what they ask for has
 * come: a moment, a signal, a byte from another thread or process. The argument is the way to ask.
 */
#include <fcntl.h>
#include <mqueue.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "must.h"

static volatile sig_atomic_t caught;
static timer_t timer;
static int timer_fd, ends[2];
static mqd_t queue;

static void catch (int signo)
{
	(void)signo;
	caught = 1;
}

static void *feed(void *arg)
{
	usleep(1000);
	must(write(ends[1], "x", 1) == 1);
	return arg;
}

static void set_alarm(void)
{
	const struct itimerval soon = { .it_value = { 0, 20000 } };

	must(signal(SIGALRM, catch) != SIG_ERR && setitimer(ITIMER_REAL, &soon, NULL) == 0);
}

static bool asks_itimer(void)
{
	struct itimerval left;

	must(getitimer(ITIMER_REAL, &left) == 0);
	return left.it_value.tv_sec == 0 && left.it_value.tv_usec == 0;
}

static void set_timer(void)
{
	const struct itimerspec soon = { .it_value = { 0, 20000000 } };
	struct sigevent silent = { .sigev_notify = SIGEV_NONE };

	must(timer_create(CLOCK_MONOTONIC, &silent, &timer) == 0);
	must(timer_settime(timer, 0, &soon, NULL) == 0);
	timer_fd = timerfd_create(CLOCK_MONOTONIC, 0);
	must(timer_fd >= 0 && timerfd_settime(timer_fd, 0, &soon, NULL) == 0);
}

static bool asks_timer(void)
{
	struct itimerspec left;

	must(timer_gettime(timer, &left) == 0);
	return left.it_value.tv_sec == 0 && left.it_value.tv_nsec == 0;
}

static bool asks_timerfd(void)
{
	struct itimerspec left;

	must(timerfd_gettime(timer_fd, &left) == 0);
	return left.it_value.tv_sec == 0 && left.it_value.tv_nsec == 0;
}

/* Some call between two looks at what a handler sets. */
static bool asks_parent(void)
{
	getppid();
	return caught;
}

static void block_alarm(void)
{
	sigset_t alarm_only;

	sigemptyset(&alarm_only);
	sigaddset(&alarm_only, SIGALRM);
	must(pthread_sigmask(SIG_BLOCK, &alarm_only, NULL) == 0);
	set_alarm();
}

static bool asks_pending(void)
{
	sigset_t pending;

	must(sigpending(&pending) == 0);
	return sigismember(&pending, SIGALRM);
}

static void start_thread(void)
{
	pthread_t feeder;

	must(pipe(ends) == 0 && pthread_create(&feeder, NULL, feed, NULL) == 0);
	must(pthread_detach(feeder) == 0);
}

static void start_process(void)
{
	must(pipe(ends) == 0);
	queue = mq_open("/jostle-asking", O_CREAT | O_RDWR, 0600, NULL);
	must(queue != (mqd_t)-1 && mq_unlink("/jostle-asking") == 0);
	if (fork() == 0) {
		feed(NULL);
		_exit(mq_send(queue, "x", 1, 0));
	}
}

static bool asks_pipe(void)
{
	int bytes;

	must(ioctl(ends[0], FIONREAD, &bytes) == 0);
	return bytes > 0;
}

static bool asks_queue(void)
{
	struct mq_attr attributes;

	must(mq_getattr(queue, &attributes) == 0);
	return attributes.mq_curmsgs > 0;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*start)(void);
		bool (*asks)(void);
	} ways[] = {
		{ "getitimer", set_alarm, asks_itimer },
		{ "timer_gettime", set_timer, asks_timer },
		{ "timerfd_gettime", set_timer, asks_timerfd },
		{ "getppid", set_alarm, asks_parent },
		{ "sigpending", block_alarm, asks_pending },
		{ "FIONREAD", start_thread, asks_pipe },
		{ "FIONREAD_process", start_process, asks_pipe },
		{ "mq_getattr", start_process, asks_queue },
	};

	must(argc == 2);
	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
		if (strcmp(argv[1], ways[i].name) != 0)
			continue;
		ways[i].start();
		while (!ways[i].asks())
			;
		return 0;
	}
	return 2;
}
