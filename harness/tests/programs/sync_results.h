/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What sync_results.c and sync_results_more.c share: an expectation a line, counted and printed
 * when it does not hold. Included once by each program.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

static int failures;

#define EXPECT(expression, expected)                                                          \
	do {                                                                                  \
		const long expect_got = (long)(expression), expect_want = (long)(expected);   \
		if (expect_got != expect_want) {                                              \
			printf("%d: %s is %ld, not %ld\n", __LINE__, #expression, expect_got, \
			       expect_want);                                                  \
			failures++;                                                           \
		}                                                                             \
	} while (0)

/* The call fails with -1 and this error. */
#define FAILS(expression, error)        \
	do {                            \
		errno = 0;              \
		EXPECT(expression, -1); \
		EXPECT(errno, error);   \
	} while (0)

__attribute__((unused)) static const struct timespec past = { 1, 0 }, invalid = { 1, 1000000000 };

static inline struct timespec from_now(clockid_t clock, long ms)
{
	struct timespec t;

	clock_gettime(clock, &t);
	t.tv_nsec += ms * 1000000;
	t.tv_sec += t.tv_nsec / 1000000000;
	t.tv_nsec %= 1000000000;
	return t;
}

/* Runs the function in a thread of its own, to its end. */
static inline void *in_thread(void *(*function)(void *), void *argument)
{
	pthread_t thread;
	void *value = NULL;

	EXPECT(pthread_create(&thread, NULL, function, argument), 0);
	EXPECT(pthread_join(thread, &value), 0);
	return value;
}
