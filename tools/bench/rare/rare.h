/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the programs of tools/bench/rare share. Each has one bug that needs a thread to stand still
 * for some hundred microseconds between two calls, where nothing natively makes it: others pass by
 * long before or long after. They fail by their exit status, or stand for ever.
 */
#ifndef RARE_H
#define RARE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define UNUSED __attribute__((unused))

static pthread_mutex_t lock UNUSED = PTHREAD_MUTEX_INITIALIZER;

/* Computes for so long: no call that could be a point, no system call. */
static inline void work(long us)
{
	struct timespec begin, now;

	clock_gettime(CLOCK_MONOTONIC, &begin);
	do
		clock_gettime(CLOCK_MONOTONIC, &now);
	while ((now.tv_sec - begin.tv_sec) * 1000000 + (now.tv_nsec - begin.tv_nsec) / 1000 < us);
}

/* One access is never torn: what is wrong in these programs is between the calls. */
static inline int get(int *value)
{
	int result;

	pthread_mutex_lock(&lock);
	result = *value;
	pthread_mutex_unlock(&lock);
	return result;
}

static inline void set(int *value, int to)
{
	pthread_mutex_lock(&lock);
	*value = to;
	pthread_mutex_unlock(&lock);
}

/* Runs both and waits for both. */
static inline UNUSED void run_two(void *(*one)(void *), void *(*other)(void *))
{
	pthread_t threads[2];

	pthread_create(&threads[0], NULL, one, NULL);
	pthread_create(&threads[1], NULL, other, NULL);
	pthread_join(threads[0], NULL);
	pthread_join(threads[1], NULL);
}

#endif
