/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bump arena: allocation moves a mark upwards, and memory is given back only by moving the mark
 * down again. What lives as long as a schedule is released in one assignment when it ends.
 *
 *	size_t mark = arena_mark(&arena);
 *	... = arena_alloc(&arena, ...);
 *	arena_release(&arena, mark);
 *
 * Nothing is freed singly, nothing is constructed. No locking: an arena has one user at a time.
 */
#ifndef JOSTLE_BASE_ARENA_H
#define JOSTLE_BASE_ARENA_H

#include <stddef.h>
#include <stdint.h>

struct arena {
	unsigned char *base;
	size_t used;
	size_t size;
	size_t used_max; /* the highest mark ever, for the counters */
};

/*
 * Maps @size bytes of private zero memory, at @address when that is not NULL (and then fails rather
 * than replace what is there). Pages cost nothing until touched. 0 or -errno.
 */
int arena_map(struct arena *arena, void *address, size_t size);

/* Gives the mapping back; only for arenas of arena_map(). */
void arena_unmap(struct arena *arena);

/* Uses @memory, which the caller owns and keeps alive. */
void arena_init(struct arena *arena, void *memory, size_t size);

/*
 * @align is a power of two. Returns NULL when the arena is full and then changes nothing. The
 * memory is what was there: zero at first use, old contents after a release.
 */
void *arena_alloc(struct arena *arena, size_t size, size_t align);

/* The same, cleared. */
void *arena_alloc_zeroed(struct arena *arena, size_t size, size_t align);

static inline size_t arena_mark(const struct arena *arena)
{
	return arena->used;
}

/* Forgets everything that was allocated since arena_mark() returned @mark. */
void arena_release(struct arena *arena, size_t mark);

/* An array of @count elements of @type, cleared, or NULL. */
#define arena_new(arena, type, count) \
	((type *)arena_alloc_array((arena), (count), sizeof(type), _Alignof(type)))
void *arena_alloc_array(struct arena *arena, size_t count, size_t element_size, size_t align);

#endif
