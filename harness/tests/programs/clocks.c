/* SPDX-License-Identifier: Apache-2.0 */
/* Time: long sleeps, loops that wait for a moment, clocks that agree. With an argument: an endless
 * loop that only a timer breaks, on the thread's stack or on that of a coroutine. */
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include "must.h"

static volatile int released;

static void *release(void *unused)
{
	released = 1;
	return unused;
}

static void wait_by_looking(void)
{
	while (!released)
		;
}

static void wait_in_coroutine(void)
{
	static char stack[1 << 16];
	static ucontext_t back, coroutine;

	must(getcontext(&coroutine) == 0);
	coroutine.uc_stack.ss_sp = stack;
	coroutine.uc_stack.ss_size = sizeof(stack);
	coroutine.uc_link = &back;
	makecontext(&coroutine, wait_by_looking, 0);
	must(swapcontext(&back, &coroutine) == 0);
}

static void *sleeper(void *unused)
{
	sleep(3);
	return unused;
}

int main(int argc, char **argv)
{
	struct timespec a, b, until;
	struct timeval day;
	pthread_t t;
	time_t begin;

	if (argc > 1) {
		must(pthread_create(&t, NULL, release, NULL) == 0);
		if (strcmp(argv[1], "endless") == 0)
			wait_by_looking();
		else
			wait_in_coroutine();
		return pthread_join(t, NULL);
	}
	begin = time(NULL);
	must(clock_gettime(CLOCK_MONOTONIC, &a) == 0);
	must(gettimeofday(&day, NULL) == 0);
	must(day.tv_sec - begin <= 1 && day.tv_sec >= begin);
	must(pthread_create(&t, NULL, sleeper, NULL) == 0);
	sleep(1);
	must(usleep(500000) == 0);
	clock_gettime(CLOCK_MONOTONIC, &b);
	must(b.tv_sec - a.tv_sec >= 1);
	/* waits by looking */
	do
		clock_gettime(CLOCK_MONOTONIC, &b);
	while (b.tv_sec - a.tv_sec < 2);
	until = b;
	until.tv_sec += 1;
	must(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == 0);
	clock_gettime(CLOCK_MONOTONIC, &b);
	must(b.tv_sec >= until.tv_sec);
	a.tv_nsec = 1000000000;
	must(nanosleep(&a, NULL) == -1 && errno == EINVAL);
	must(clock_gettime(1000, &a) == -1 && errno == EINVAL);
	/* three seconds and more have passed; who sleeps does not compute, who computes gets there
	 */
	must(clock() >= 0 && sched_getcpu() >= 0);
	must(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &a) == 0 && a.tv_sec < 3);
	do
		must(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b) == 0);
	while (b.tv_sec < a.tv_sec + 1);
	must(time(NULL) >= begin + 2);
	return pthread_join(t, NULL);
}
