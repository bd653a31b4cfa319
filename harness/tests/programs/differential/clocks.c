/* SPDX-License-Identifier: Apache-2.0 */
/* time.h, unistd.h: telling the time and sleeping; the processor's number. */
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>
#include <unistd.h>

#include "differential.h"

static int before(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec < b->tv_sec || (a->tv_sec == b->tv_sec && a->tv_nsec <= b->tv_nsec);
}

static void reading(void)
{
	static const clockid_t all[] = { CLOCK_REALTIME,           CLOCK_MONOTONIC,
					 CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID,
					 CLOCK_MONOTONIC_RAW,      CLOCK_REALTIME_COARSE,
					 CLOCK_MONOTONIC_COARSE,   CLOCK_BOOTTIME };
	struct timespec a, b, real;
	struct timeval of_day;
	struct timezone zone;
	struct tms times_used;
	time_t seconds = 0;

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		SETS(clock_gettime(all[i], &a));
		clock_gettime(all[i], &b);
		with(", forward %d, valid %d", before(&a, &b),
		     a.tv_nsec >= 0 && a.tv_nsec < 1000000000);
		SETS(clock_getres(all[i], &a));
	}
	SETS(clock_gettime(77, &a));
	SETS(clock_gettime(-1, &a));
	SETS(clock_getres(77, &a));
	SETS(clock_settime(CLOCK_MONOTONIC, &a));
	SETS(clock_settime(CLOCK_REALTIME, &invalid));
	for (int i = 0; i < 5; i++) {
		clock_gettime(CLOCK_REALTIME, &real);
		SETS(gettimeofday(&of_day, i % 2 ? &zone : NULL));
		with(", near %d", llabs((long long)of_day.tv_sec - real.tv_sec) <= 1);
		errno = 0;
		says("time", "near %d, same %d, errno %s",
		     llabs((long long)time(&seconds) - real.tv_sec) <= 1,
		     llabs((long long)time(NULL) - seconds) <= 1, error_name(errno));
	}
	says("times", "%d", times(&times_used) != (clock_t)-1);
	says("clock", "%d", clock() >= 0);
	says("timespec_get", "%d", timespec_get(&a, TIME_UTC) == TIME_UTC);
	says("timespec_get", "%d", timespec_get(&a, 77));
}

static void sleeping(void)
{
	struct timespec start, left = { 7, 7 }, until;
	int clock = CLOCK_MONOTONIC;

	clock_gettime(clock, &start);
	SETS(nanosleep(&(struct timespec){ 0, 20000000 }, &left));
	with(", enough %d, left %ld", elapsed(clock, &start, 20), (long)left.tv_sec);
	SETS(nanosleep(&(struct timespec){ 0, 0 }, NULL));
	SETS(nanosleep(&invalid, &left));
	SETS(nanosleep(&(struct timespec){ -1, 0 }, &left));
	SETS(nanosleep(&(struct timespec){ 0, -1 }, NULL));
	clock_gettime(clock, &start);
	SETS(usleep(20000));
	with(", enough %d", elapsed(clock, &start, 20));
	for (int i = 0; i < 4; i++)
		SETS(usleep(i == 3 ? 1000000 : (useconds_t)i));
	with(", enough %d", elapsed(clock, &start, 1000));
	SETS(sleep(0));
	clock_gettime(clock, &start);
	SETS(sleep(1));
	with(", enough %d", elapsed(clock, &start, 1000));
	for (int i = 0; i < 2; i++)
		SETS(sleep(0));

	clock_gettime(clock, &start);
	GIVES(clock_nanosleep(CLOCK_MONOTONIC, 0, &(struct timespec){ 0, 20000000 }, &left));
	with(", enough %d, left %ld", elapsed(clock, &start, 20), (long)left.tv_sec);
	until = from_now(CLOCK_REALTIME, 20);
	GIVES(clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &until, NULL));
	with(", enough %d", elapsed(CLOCK_REALTIME, &until, 0));
	GIVES(clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &past, NULL));
	GIVES(clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &invalid, NULL));
	GIVES(clock_nanosleep(CLOCK_MONOTONIC, 0, &invalid, NULL));
	GIVES(clock_nanosleep(77, 0, &past, NULL));
	GIVES(clock_nanosleep(-1, 0, &past, NULL));
	GIVES(clock_nanosleep(CLOCK_THREAD_CPUTIME_ID, 0, &past, NULL));
	GIVES(clock_nanosleep(CLOCK_MONOTONIC, 0, &(struct timespec){ -5, 0 }, NULL));
}

static void interrupted(void)
{
	const struct timespec long_time = { 600, 0 };
	struct timespec left = { 7, 7 }, until;
	unsigned rest;

	pester(1);
	SETS(nanosleep(&long_time, &left));
	with(", left %d", left.tv_sec > 300 && left.tv_sec < 600);
	SETS(nanosleep(&long_time, NULL));
	SETS(usleep(600000000));
	errno = 0;
	rest = sleep(600);
	says("sleep", "left %d, errno %s", rest > 300 && rest <= 600, error_name(errno));
	GIVES(clock_nanosleep(CLOCK_MONOTONIC, 0, &long_time, &left));
	with(", left %d", left.tv_sec > 300 && left.tv_sec < 600);
	left.tv_sec = 7;
	until = from_now(CLOCK_MONOTONIC, 600000);
	GIVES(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, &left));
	with(", left %ld", (long)left.tv_sec);
	pester(0);
}

static void *on_a_processor(void *unused)
{
	IS_SO(sched_getcpu(), sched_getcpu() >= 0);
	return unused;
}

void clocks(void)
{
	reading();
	sleeping();
	interrupted();
	for (int i = 0; i < 4; i++)
		IS_SO(sched_getcpu(), sched_getcpu() < sysconf(_SC_NPROCESSORS_CONF));
	in_thread(on_a_processor, NULL);
}
