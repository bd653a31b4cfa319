/* SPDX-License-Identifier: Apache-2.0 */
/* See shared.h. */
#include "engine/shared.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include "base/sys.h"

extern char shared_start[] __attribute__((visibility("hidden")));
extern char shared_end[] __attribute__((visibility("hidden")));

#define PAGE 4096UL

static bool is_shared;

static bool is_zero(const char *page)
{
	const uint64_t *word = (const uint64_t *)(const void *)page;

	for (size_t i = 0; i < PAGE / sizeof(*word); i++)
		if (word[i] != 0)
			return false;
	return true;
}

/* Beside, then moved over the old mapping: at no time is there nothing. */
int shared_share(void)
{
	const size_t size = (size_t)(shared_end - shared_start);
	long made, result;

	if (is_shared)
		return 0;
	made = sys_call6(SYS_mmap, 0, (long)size, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (made < 0)
		return (int)made;
	for (size_t at = 0; at < size; at += PAGE)
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

bool shared_is_shared(void)
{
	return is_shared;
}

bool shared_contains(const void *address)
{
	return (const char *)address >= shared_start && (const char *)address < shared_end;
}
