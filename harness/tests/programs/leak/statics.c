/* SPDX-License-Identifier: Apache-2.0 */
/* Keeps state in thread-local and in static buffers, its own and libc's. */
#include "leak.h"
#include <errno.h>
#include <time.h>

static __thread unsigned own = 5;
static __thread char own_zero[100];
static unsigned everybodys = 7;

static unsigned leave(int thread, int argc, char **argv)
{
	time_t then = 1000000000;
	unsigned sum;

	(void)thread, (void)argc, (void)argv;
	EXPECT(own == 5 && own_zero[50] == 0 && errno == 0);
	own = 6;
	own_zero[50] = 1;
	errno = ENOENT;
	pthread_mutex_lock(&lock);
	sum = everybodys++;
	sum = sum * 31 + (unsigned)rand();
	sum = sum * 31 + (unsigned)lrand48();
	sum = sum * 31 + (unsigned)optind;
	optind += 3;
	setenv("TZ", sum & 1 ? "UTC" : "EST5EDT", 0);
	sum = fold(sum, ctime(&then), 24);
	sum = fold(sum, strerror(9999), 8);
	pthread_mutex_unlock(&lock);
	return sum;
}
