/* SPDX-License-Identifier: Apache-2.0 */
/* A mark that moves: see arena.h. */
#include "base/arena.h"

#include <string.h>
#include <sys/mman.h>

#include "base/insist.h"
#include "base/sys.h"

int arena_map(struct arena *arena, void *address, size_t size)
{
	const int flags =
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | (address ? MAP_FIXED_NOREPLACE : 0);
	const long mapped = sys_mmap(address, size, PROT_READ | PROT_WRITE, flags, -1, 0);

	if (sys_failed(mapped))
		return (int)mapped;
	arena_init(arena, (void *)mapped, size);
	return 0;
}

void arena_unmap(struct arena *arena)
{
	insist(sys_munmap(arena->base, arena->size) == 0);
	*arena = (struct arena){ .base = NULL };
}

void arena_init(struct arena *arena, void *memory, size_t size)
{
	*arena = (struct arena){ .base = memory, .size = size };
}

void *arena_alloc(struct arena *arena, size_t size, size_t align)
{
	const uintptr_t next = (uintptr_t)arena->base + arena->used;
	size_t padding;

	insist(align != 0 && (align & (align - 1)) == 0);
	/* Of the address, not of the offset: the memory may start anywhere. */
	padding = (0 - next) & (align - 1);
	if (padding > arena->size - arena->used || size > arena->size - arena->used - padding)
		return NULL;
	arena->used += padding + size;
	if (arena->used > arena->used_max)
		arena->used_max = arena->used;
	return (void *)(next + padding);
}

void *arena_alloc_zeroed(struct arena *arena, size_t size, size_t align)
{
	void *memory = arena_alloc(arena, size, align);

	if (memory)
		memset(memory, 0, size);
	return memory;
}

void *arena_alloc_array(struct arena *arena, size_t count, size_t element_size, size_t align)
{
	size_t size;

	if (__builtin_mul_overflow(count, element_size, &size))
		return NULL;
	return arena_alloc_zeroed(arena, size, align);
}

void arena_release(struct arena *arena, size_t mark)
{
	insist(mark <= arena->used);
	arena->used = mark;
}
