/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The deterministic allocator: what malloc() is for the program under test.
 *
 * The whole state of a heap, its bookkeeping and its blocks, lies in one range of addresses at a
 * fixed place. Equal sequences of calls therefore give equal addresses in every process, and saving
 * and restoring the bytes of the range takes the heap back to any earlier moment; nothing outside
 * remembers anything but where the range is. Memory that no block ever used is zero.
 *
 * There are two heaps. The program's is reset between schedules; the engine's keeps what libc
 * allocates on the engine's behalf (thread stacks' dtvs, dlopen's tables) and must survive. Blocks
 * know their heap by address, so any block may be freed whatever is selected.
 *
 * Bookkeeping is out of band: no write into a block, freed or live, reaches it, unless it runs past
 * the end of the block by far. Passing garbage to free() is answered, not obeyed.
 *
 * Threading: one thread at a time. Under control one fiber runs and is never switched out in here.
 * Where several kernel threads run (perturbed level, or threads of library constructors), call
 * heap_threads_begin() and bracket each use by heap_lock() and heap_unlock(); malloc() and its
 * family do. Every function works before any constructor ran, and calls nothing of libc but memcpy
 * and memset.
 */
#ifndef JOSTLE_ENGINE_HEAP_H
#define JOSTLE_ENGINE_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Wanted places and sizes; a smaller range is taken when the limits of the process ask for it.
 *
 * The program's starts 40 MiB below a multiple of 1 GiB, so that the first 8 MiB of blocks and the
 * bookkeeping end a page-table directory. Looking for touched pages then takes the kernel 3.6 us:
 * it steps over an absent directory at once, but one by one (15.6 us) over the entries of one.
 */
#define HEAP_PROGRAM_BASE 0x10003d800000ull
#define HEAP_PROGRAM_MAX  (64ull << 30)
#define HEAP_ENGINE_BASE  0x180000000000ull
#define HEAP_ENGINE_MAX   (1ull << 30)

struct heap;

enum heap_which { HEAP_PROGRAM, HEAP_ENGINE, HEAPS };

/* What an address is to the heaps. Also what freeing it came to: all but HEAP_OK did nothing. */
enum heap_status {
	HEAP_OK,       /* the start of a live block */
	HEAP_FREED,    /* the start of a block that was freed and not handed out since */
	HEAP_INTERIOR, /* within a block, live or freed, but not its start */
	HEAP_FOREIGN,  /* no block: another allocator's, a stack's, memory never handed out */
};

/* The block that an address belongs to. All zero for HEAP_FOREIGN. */
struct heap_block {
	void *start;
	size_t size; /* as was asked for, not rounded */
	bool live;
};

/*
 * A range of addresses that a heap has mapped: [base, base + used) may hold bytes other than zero,
 * [base + used, base + reserved) was never handed out. `used` is part of what a reset takes back:
 * read it before restoring. All of a heap's memory is private, anonymous and writable, without huge
 * pages.
 */
struct heap_extent {
	void *base;
	size_t used;
	size_t reserved;
};
enum { HEAP_EXTENT_TABLE, HEAP_EXTENT_DATA, HEAP_EXTENTS };

struct heap_totals {
	size_t live_blocks;
	size_t live_bytes;    /* as asked for */
	size_t used_bytes;    /* of both extents */
	size_t free_spans;    /* large holes that can be reused */
	size_t damaged_lists; /* free lists dropped because the program overwrote their links */
};

/* The heap, mapped at its first use. NULL when not even the smallest range could be mapped. */
struct heap *heap_get(enum heap_which which);

/*
 * Chooses the heap that malloc() allocates from; HEAP_PROGRAM at first. Returns the one before.
 * heap_current() is the chosen heap, as heap_get() gives it.
 */
enum heap_which heap_select(enum heap_which which);
static inline enum heap_which heap_selected(void);
static inline struct heap *heap_current(void);

/* Is the heap at its fixed address? If not, addresses repeat only as far as the kernel's do. */
bool heap_is_fixed(enum heap_which which);

/*
 * A new block of @size bytes at a multiple of @align, which is a power of two (anything up to 16 is
 * served as 16). Size 0 gives a block of its own, too. NULL when the range is exhausted or @heap is
 * NULL. heap_alloc() leaves old contents in memory that is used again, heap_zalloc() clears them.
 */
void *heap_alloc(struct heap *heap, size_t size, size_t align);
void *heap_zalloc(struct heap *heap, size_t size, size_t align);

/* Frees the block that starts at @ptr, of whichever heap. */
enum heap_status heap_free(void *ptr);

/*
 * Resizes the block at @ptr, in place if that is possible, otherwise by moving it within its heap.
 * @moved is where it is now; NULL when there is no room, and then the block is as it was. Not
 * touched unless the result is HEAP_OK.
 */
enum heap_status heap_realloc(void *ptr, size_t size, void **moved);

/* The size that the live block at @ptr was asked for; 0 for anything else. */
size_t heap_usable_size(const void *ptr);

/* Is the address inside the range of one of the heaps? */
bool heap_owns(const void *ptr);

/* Classifies an address; the further from a block's start, the slower. @block may be NULL. */
enum heap_status heap_check_pointer(const void *ptr, struct heap_block *block);

/*
 * False, and nothing written, when the heap was never used. Totals are counted by walking over the
 * whole heap.
 */
bool heap_extents(enum heap_which which, struct heap_extent extents[HEAP_EXTENTS]);
bool heap_totals(enum heap_which which, struct heap_totals *totals);

/*
 * From the first call on, heap_lock() excludes other kernel threads; before, both do nothing. In
 * the child of a fork, whose other threads are gone, the lock must have been held by the forking
 * thread and is released by it. Not recursive.
 */
void heap_threads_begin(void);
static inline void heap_lock(void);
static inline void heap_unlock(void);

/*
 * Set by the engine, NULL by default: asked before each allocation from the program's heap; true
 * makes it fail with ENOMEM.
 */
extern bool (*heap_fail_hook)(size_t size);

/*
 * Provided by the engine, called by free() and realloc() in place of freeing something that is no
 * live block. @status is an enum heap_status other than HEAP_OK, @site the caller's return address.
 * If it returns, free() does nothing and realloc() fails with ENOMEM.
 */
void engine_wrong_free(void *ptr, int heap_status, void *site);

/* Only for the functions below: they are inline because malloc() asks all this each time. */
struct heap_switches {
	struct heap *current; /* the selected heap, NULL while it is not mapped */
	enum heap_which selected;
	bool threads;
};
extern struct heap_switches heap_switches;
void heap_lock_threaded(void);
void heap_unlock_threaded(void);

static inline enum heap_which heap_selected(void)
{
	return heap_switches.selected;
}

static inline struct heap *heap_current(void)
{
	struct heap *heap = heap_switches.current;

	return __builtin_expect(heap != NULL, 1) ? heap : heap_get(heap_switches.selected);
}

static inline void heap_lock(void)
{
	if (__builtin_expect(heap_switches.threads, 0))
		heap_lock_threaded();
}

static inline void heap_unlock(void)
{
	if (__builtin_expect(heap_switches.threads, 0))
		heap_unlock_threaded();
}

#endif
