/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Uses functions that glibc has in several versions, and exits with another status than 0 where one
 * does not do its work: the oldest realpath() allocates nothing, the oldest condition variable has
 * another layout. With "race" two threads also count without a lock.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <glob.h>
#include <math.h>
#include <pthread.h>
#include <regex.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ready = PTHREAD_COND_INITIALIZER;
static int is_ready;
static long unguarded;
static int race;

static void *signaller(void *arg)
{
	pthread_mutex_lock(&lock);
	is_ready = 1;
	pthread_cond_signal(&ready);
	pthread_mutex_unlock(&lock);
	if (race)
		unguarded++;
	return arg;
}

static void wait_for_signaller(void)
{
	struct timespec later;

	clock_gettime(CLOCK_REALTIME, &later);
	later.tv_sec += 1000;
	pthread_mutex_lock(&lock);
	while (!is_ready) {
		int error = pthread_cond_timedwait(&ready, &lock, &later);

		if (error && error != ETIMEDOUT)
			exit(10);
	}
	pthread_mutex_unlock(&lock);
}

static int old_versions(void)
{
	char *path = realpath(".", NULL), copy[32], name[16] = "";
	glob_t found = { 0 };
	cpu_set_t set;
	regex_t regex;

	if (!path)
		return 11;
	free(path);
	if (lgamma(4.0) < 1.79 || lgamma(4.0) > 1.8)
		return 12;
	memcpy(copy, "0123456789", 11);
	if (strcmp(copy, "0123456789") != 0)
		return 13;
	if (regcomp(&regex, "a(b*)c", REG_EXTENDED) || regexec(&regex, "xabbc", 0, NULL, 0))
		return 14;
	regfree(&regex);
	if (glob("/", 0, NULL, &found) || found.gl_pathc != 1)
		return 15;
	globfree(&found);
	if (sched_getaffinity(0, sizeof(set), &set) || CPU_COUNT(&set) < 1)
		return 16;
	if (pthread_getname_np(pthread_self(), name, sizeof(name)) || !name[0])
		return 17;
	return 0;
}

int main(int argc, char **argv)
{
	pthread_t thread;
	int status;

	race = argc > 1 && strcmp(argv[1], "race") == 0;
	if (pthread_create(&thread, NULL, signaller, NULL))
		return 2;
	wait_for_signaller();
	if (race)
		unguarded++;
	status = old_versions();
	pthread_join(thread, NULL);
	return status;
}
