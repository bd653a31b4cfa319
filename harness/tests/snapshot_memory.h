/* SPDX-License-Identifier: Apache-2.0 */
/* What the snapshot's test programs share: the methods to try, and memory to try them on. */
#ifndef JOSTLE_TESTS_SNAPSHOT_MEMORY_H
#define JOSTLE_TESTS_SNAPSHOT_MEMORY_H

#include "check_main.h"

#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "engine/reset/dirty.h"
#include "engine/reset/snapshot.h"

enum { MIB = 1 << 20, PAGE = PAGE_BYTES };

/* What is refused, from nothing to everything; the index of the looped tests. */
static const struct {
	const char *name;
	unsigned int forbidden;
	size_t fresh; /* bytes of the large FRESH region: as much as the method can bear */
} methods[] = {
	{ "watched", 0, 64ul << 30 },
	{ "adopted", DIRTY_CAN_WATCH, 64ul << 30 },
	{ "adopted before 6.7", DIRTY_CAN_WATCH | DIRTY_CAN_SCAN, 64 * MIB },
	{ "compared", DIRTY_CAN_WATCH | DIRTY_CAN_ADOPT, 64ul << 30 },
	{ "compared before 6.7", DIRTY_CAN_WATCH | DIRTY_CAN_ADOPT | DIRTY_CAN_SCAN, 64 * MIB },
	{ "no /proc", DIRTY_CAN_WATCH | DIRTY_CAN_ADOPT | DIRTY_CAN_SCAN | DIRTY_CAN_READ,
	  2 * MIB },
};
enum {
	WATCHING = 3, /* of them tell every write */
	METHODS = sizeof(methods) / sizeof(methods[0])
};

static inline char *map(size_t length, int flags, int fd)
{
	char *at = mmap(NULL, length, PROT_READ | PROT_WRITE, flags, fd, 0);

	ck_assert_ptr_ne(at, MAP_FAILED);
	return at;
}

static inline char *map_memory(size_t length)
{
	return map(length, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);
}

static inline char *map_file(size_t length)
{
	const int fd = memfd_create("snapshot", MFD_CLOEXEC);
	char *at;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(ftruncate(fd, (off_t)length), 0);
	for (size_t i = 0; i < length; i += PAGE)
		ck_assert_int_eq(pwrite(fd, "file", 4, (off_t)i), 4);
	at = map(length, MAP_PRIVATE, fd);
	close(fd);
	return at;
}

/* Lets the kernel write: read(2) from a pipe into the program's buffer. */
static inline void write_by_kernel(char *to, char value)
{
	int fds[2];

	ck_assert_int_eq(pipe(fds), 0);
	ck_assert_int_eq(write(fds[1], &value, 1), 1);
	ck_assert_int_eq(read(fds[0], to, 1), 1);
	close(fds[0]);
	close(fds[1]);
}

static inline bool all(const char *bytes, size_t length, char value)
{
	return length == 0 || (bytes[0] == value && memcmp(bytes, bytes + 1, length - 1) == 0);
}

static inline bool watching(void)
{
	return snapshot_method() == SNAPSHOT_WATCHED;
}

static inline void forget_snapshot(void)
{
	snapshot_forget();
	snapshot_forbid(0);
}

#endif
