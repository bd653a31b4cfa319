/* SPDX-License-Identifier: Apache-2.0 */
/* See shared.h. */
#include "engine/processes/shared.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include "base/sys.h"
#include "engine/descriptors/fd.h"

extern char shared_start[] __attribute__((visibility("hidden")));
extern char shared_end[] __attribute__((visibility("hidden")));

#define PAGE 4096UL

static bool is_shared;
static int descriptor = -1;

static bool is_zero(const char *page)
{
	const uint64_t *word = (const uint64_t *)(const void *)page;

	for (size_t i = 0; i < PAGE / sizeof(*word); i++)
		if (word[i] != 0)
			return false;
	return true;
}

/* Beside, then moved over the old mapping: at no time is there nothing. */
static int map_over(int fd, bool copies)
{
	const size_t size = shared_size();
	const long made =
		sys_call6(SYS_mmap, 0, (long)size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	long result;

	if (made < 0)
		return (int)made;
	for (size_t at = 0; copies && at < size; at += PAGE)
		if (!is_zero(shared_start + at))
			memcpy((char *)made + at, shared_start + at, PAGE);
	result = sys_call5(SYS_mremap, made, (long)size, (long)size, MREMAP_MAYMOVE | MREMAP_FIXED,
			   (long)shared_start);
	if (result < 0) {
		sys_call2(SYS_munmap, made, (long)size);
		return (int)result;
	}
	is_shared = true;
	return 0;
}

int shared_share(void)
{
	long fd;
	int result;

	if (is_shared)
		return 0;
	fd = sys_call2(SYS_memfd_create, (long)"jostle", 0);
	if (fd < 0)
		return (int)fd;
	/* Not closed on exec: a program that a process becomes maps it, too. */
	descriptor = fd_duplicate_high((int)fd);
	sys_close((int)fd);
	if (descriptor < 0)
		return descriptor;
	sys_call3(SYS_fcntl, descriptor, F_SETFD, 0);
	result = (int)sys_call2(SYS_ftruncate, descriptor, (long)shared_size());
	return result < 0 ? result : map_over(descriptor, true);
}

int shared_join(int fd)
{
	descriptor = fd;
	return map_over(fd, false);
}

int shared_descriptor(void)
{
	return descriptor;
}

uintptr_t shared_address(void)
{
	return (uintptr_t)shared_start;
}

size_t shared_size(void)
{
	return (size_t)(shared_end - shared_start);
}

bool shared_is_shared(void)
{
	return is_shared;
}

bool shared_contains(const void *address)
{
	return (const char *)address >= shared_start && (const char *)address < shared_end;
}
