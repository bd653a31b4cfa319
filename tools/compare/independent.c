/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two rows of `jostle compare` measured by other code, which shares none with it: creating and
 * joining, and switching by a pipe on one processor. Not part of any build; README.md says how to
 * run it and what it showed.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CREATIONS 2000 /* each timed by itself */
#define SERIES    200  /* of round trips, each timed as a whole */
#define TRIPS     100

static double times[CREATIONS];
static int there[2], back[2];

static double now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static int by_value(const void *a, const void *b)
{
	const double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

static void show(const char *what, int count)
{
	qsort(times, (size_t)count, sizeof(times[0]), by_value);
	printf("%-22s %8.2f us, quartiles %.2f-%.2f, least %.2f\n", what, times[count / 2],
	       times[count / 4], times[3 * count / 4], times[0]);
	fflush(stdout);
}

static void *nothing(void *argument)
{
	return argument;
}

static void *echo(void *argument)
{
	char byte;

	for (int i = 0; i < SERIES * TRIPS; i++)
		if (read(there[0], &byte, 1) != 1 || write(back[1], &byte, 1) != 1)
			_exit(1);
	return argument;
}

static void create(void)
{
	for (int i = 0; i < CREATIONS; i++) {
		const double start = now_us();
		const pid_t pid = fork();

		if (pid == 0)
			_exit(0);
		if (pid < 0 || waitpid(pid, NULL, 0) != pid)
			exit(1);
		times[i] = now_us() - start;
	}
	show("create process", CREATIONS);
	for (int i = 0; i < CREATIONS; i++) {
		const double start = now_us();
		pthread_t thread;

		if (pthread_create(&thread, NULL, nothing, NULL) != 0)
			exit(1);
		pthread_join(thread, NULL);
		times[i] = now_us() - start;
	}
	show("create thread", CREATIONS);
}

static void switch_to(int is_process)
{
	pthread_t thread;

	if (pipe(there) < 0 || pipe(back) < 0)
		exit(1);
	if (is_process && fork() == 0) {
		echo(NULL);
		_exit(0);
	}
	if (!is_process && pthread_create(&thread, NULL, echo, NULL) != 0)
		exit(1);
	for (int i = 0; i < SERIES; i++) {
		const double start = now_us();
		char byte = 'x';

		for (int j = 0; j < TRIPS; j++)
			if (write(there[1], &byte, 1) != 1 || read(back[0], &byte, 1) != 1)
				exit(1);
		times[i] = (now_us() - start) / TRIPS / 2;
	}
	show(is_process ? "switch pipe process" : "switch pipe thread", SERIES);
}

int main(void)
{
	cpu_set_t last;

	create();
	CPU_ZERO(&last);
	CPU_SET((size_t)sysconf(_SC_NPROCESSORS_ONLN) - 1, &last);
	sched_setaffinity(0, sizeof(last), &last);
	switch_to(1);
	switch_to(0);
	return 0;
}
