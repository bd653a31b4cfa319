/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tasks that run times are measured with. CPU-bound: hashing, nothing in memory. Files: writes
 * a file, has it brought to the disk, lets the kernel forget it, and reads it back; what stays in
 * the page cache would be no input. Waits: a reply that takes a while, as from another machine; a
 * timer stands for the other machine. Mixed: half of the hashing, then the file.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "compare/kernel.h"

/* splitmix64's output function (Steele, Lea and Flood, "Fast splittable pseudorandom number
 * generators", 2014): each step needs the one before, so nothing can be left out. */
static uint64_t hash(uint64_t seed, uint64_t times)
{
	for (uint64_t i = 0; i < times; i++) {
		seed += 0x9e3779b97f4a7c15;
		seed = (seed ^ (seed >> 30)) * 0xbf58476d1ce4e5b9;
		seed = (seed ^ (seed >> 27)) * 0x94d049bb133111eb;
		seed ^= seed >> 31;
	}
	return seed;
}

/* A file without a name; where the file system has none such, its name is gone at once. */
static int open_file(const struct kernel_call *call, unsigned number)
{
	char name[64] = "jostle-compare.";
	size_t length = strlen(name);
	int fd = openat(call->folder, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd >= 0)
		return fd;
	for (uint64_t rest = (uint64_t)gettid() << 16 | (number & 0xffff); rest; rest /= 10)
		name[length++] = (char)('0' + rest % 10);
	fd = openat(call->folder, name, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
	if (fd >= 0)
		unlinkat(call->folder, name, 0);
	return fd;
}

static uint64_t do_files(struct kernel_call *call, unsigned number)
{
	const int fd = open_file(call, number);
	char text[FILE_SIZE];
	uint64_t sum = 0;

	if (fd < 0) {
		kernel_fail(call, "making a file");
		return 0;
	}
	memset(text, (int)(number % 251 + 1), sizeof(text));
	if (write(fd, text, sizeof(text)) != sizeof(text) || fdatasync(fd) < 0)
		kernel_fail(call, "writing a file");
	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	memset(text, 0, sizeof(text));
	if (pread(fd, text, sizeof(text), 0) != sizeof(text))
		kernel_fail(call, "reading a file");
	for (size_t i = 0; i < sizeof(text); i++)
		sum += (unsigned char)text[i];
	close(fd);
	return sum;
}

static uint64_t do_waits(struct kernel_call *call, unsigned number)
{
	const struct itimerspec reply = { .it_value = {
						  .tv_sec = (time_t)(call->wait_ns / 1000000000),
						  .tv_nsec = (long)(call->wait_ns % 1000000000) } };
	const int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	uint64_t replies = 0;

	if (fd < 0 || timerfd_settime(fd, 0, &reply, NULL) < 0 ||
	    read(fd, &replies, sizeof(replies)) != sizeof(replies))
		kernel_fail(call, "waiting for a reply");
	if (fd >= 0)
		close(fd);
	return replies * (number + 1);
}

uint64_t task_do(struct kernel_call *call, enum task task, unsigned number)
{
	switch (task) {
	case TASK_CPU:
		return hash(number, call->hashes);
	case TASK_FILES:
		return do_files(call, number);
	case TASK_WAITS:
		return do_waits(call, number);
	default:
		return hash(number, call->hashes / 2) + do_files(call, number);
	}
}
