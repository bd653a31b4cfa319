/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The frame of all programs that leave something behind: two threads do it side by side, and tell
 * what they found.
 *
 * leave() leaves something behind and returns what it saw of what was there: the number of the
 * descriptor it was given, a counter, a byte. What it returns becomes a number of lock operations,
 * so that a schedule which finds the traces of an earlier one has other events and another hash.
 * EXPECT() is for what can be said outright: a schedule in which it does not hold exits with the
 * line's number.
 *
 * With the name of a file in LEAK_LOG, each run first adds a line to it: how many descriptors, how
 * many mappings and how many pages of memory the process has.
 */
#ifndef LEAK_H
#define LEAK_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EXPECT(condition)                                             \
	do {                                                          \
		if (!(condition))                                     \
			_exit(__LINE__ & 255 ? __LINE__ & 255 : 255); \
	} while (0)

/* What each program defines. */
static unsigned leave(int thread, int argc, char **argv);

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int leak_argc;
static char **leak_argv;

/* FNV-1a, to fold what was seen into one number. */
static inline unsigned fold(unsigned sum, const void *bytes, size_t size)
{
	const unsigned char *at = bytes;

	while (size-- > 0)
		sum = (sum ^ *at++) * 16777619U;
	return sum;
}

static void *work(void *argument)
{
	const unsigned seen = leave((int)(intptr_t)argument, leak_argc, leak_argv);

	for (unsigned i = 0; i <= seen % 13; i++) {
		pthread_mutex_lock(&lock);
		pthread_mutex_unlock(&lock);
	}
	return NULL;
}

static unsigned count_descriptors(void)
{
	char buffer[4096];
	const int fd = open("/proc/self/fd", O_RDONLY | O_DIRECTORY);
	unsigned count = 0;

	/* Always as many calls: what it counts is no business of the schedule. */
	for (int i = 0; i < 4; i++) {
		const ssize_t got = getdents64(fd, buffer, sizeof(buffer));

		for (ssize_t at = 0; at < got; count++)
			at += ((struct dirent64 *)(void *)(buffer + at))->d_reclen;
	}
	close(fd);
	return count;
}

static unsigned count_mappings(void)
{
	char buffer[4096];
	const int fd = open("/proc/self/maps", O_RDONLY);
	unsigned lines = 0;

	for (int i = 0; i < 16; i++) {
		const ssize_t got = read(fd, buffer, sizeof(buffer));

		for (ssize_t at = 0; at < got; at++)
			lines += buffer[at] == '\n';
	}
	close(fd);
	return lines;
}

/* Private memory in pages. */
static unsigned count_pages(void)
{
	char buffer[128] = "";
	const int fd = open("/proc/self/statm", O_RDONLY);
	unsigned resident = 0, shared = 0;

	if (read(fd, buffer, sizeof(buffer) - 1) > 0)
		sscanf(buffer, "%*u %u %u", &resident, &shared);
	close(fd);
	return resident - shared;
}

static __attribute__((noinline)) void log_growth(const char *path)
{
	char line[64];
	const int length = snprintf(line, sizeof(line), "%8u %8u %8u\n", count_descriptors(),
				    count_mappings(), count_pages());
	const int fd = open(path, O_WRONLY | O_APPEND | O_CREAT, 0666);

	if (fd < 0 || write(fd, line, (size_t)length) != length)
		_exit(2);
	close(fd);
}

/* The numbers are still on the stack, and differ. */
static __attribute__((noinline)) void wipe_stack(void)
{
	volatile char room[65536];

	for (size_t i = 0; i < sizeof(room); i++)
		room[i] = 0;
}

int main(int argc, char **argv)
{
	pthread_t threads[2];

	if (getenv("LEAK_LOG")) {
		log_growth(getenv("LEAK_LOG"));
		wipe_stack();
	}
	leak_argc = argc;
	leak_argv = argv;
	for (intptr_t i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, work, (void *)(i + 1));
	work(NULL);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	return 0;
}

#endif
