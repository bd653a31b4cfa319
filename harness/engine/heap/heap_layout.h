/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a heap lies in its range; for heap*.c alone.
 *
 *	| struct heap | table of units | unit 0 | unit 1 | unit 2 ...
 *	'--- HEAP_EXTENT_TABLE --------'--- HEAP_EXTENT_DATA -------->
 *
 * Data is handed out in units of 64 KiB. A run of units (a span) either holds one large block, or
 * is free, or is one unit that holds small blocks. Address to unit is a shift, and the table says
 * what the unit is.
 *
 * A small unit starts with its cells, one for each 32 bytes of the rest; a block's first cell tells
 * its size class and whether it is live or freed, all its other cells are 0. Blocks of all sizes
 * are cut from the same unit one after the other, never merged, and freed ones go to the last-in
 * first-out list of their class. So a small program keeps all its blocks side by side and dirties
 * two pages of bookkeeping: the heap's first (lists, and units up to 7 MiB) and one of cells (for
 * 16 KiB of blocks). That is what a reset has to restore in each schedule.
 *
 * Links are numbers, not addresses: cells number all data from unit 0 on in steps of 32 bytes,
 * units count from 1, and 0 ends a list.
 */
#ifndef JOSTLE_ENGINE_HEAP_LAYOUT_H
#define JOSTLE_ENGINE_HEAP_LAYOUT_H

#include <assert.h>

#include "engine/heap/heap.h"

#define HEAP_LIKELY(x)   __builtin_expect(!!(x), 1)
#define HEAP_UNLIKELY(x) __builtin_expect(!!(x), 0)

enum {
	UNIT_SHIFT = 16,
	UNIT_BYTES = 1 << UNIT_SHIFT,
	CELL_SHIFT = 5,
	CELL_BYTES = 1 << CELL_SHIFT,
	SMALL_MAX = 16 << 10, /* larger blocks are spans */
	SMALL_FIRST = 13312,  /* where a small unit's first block may start, after its cells */
	CLASSES_PACKED = 32,  /* 32, 64, 96, 128, then 4 to a doubling */
	CLASSES_ALIGNED = 9,  /* powers of two from 64, at multiples of their size */
	CLASSES = CLASSES_PACKED + CLASSES_ALIGNED,
	BINS = 24, /* free spans by the logarithm of their length */
};

/*
 * The first cell of a block, read and written as one word: bits 0-1 the state, 2-7 the class, 8-31
 * the size as asked for, 32-63 the number of the next freed block of the class.
 */
typedef uint64_t cell;
enum cell_state { CELL_NONE, CELL_LIVE, CELL_FREED };

static inline cell cell_make(enum cell_state state, unsigned int size_class, size_t size,
			     uint32_t next)
{
	return state | size_class << 2 | (cell)size << 8 | (cell)next << 32;
}

static inline enum cell_state cell_state(cell word)
{
	return (enum cell_state)(word & 3);
}

static inline unsigned int cell_class(cell word)
{
	return word >> 2 & 63;
}

static inline size_t cell_size(cell word)
{
	return word >> 8 & 0xffffff;
}

static inline uint32_t cell_next(cell word)
{
	return (uint32_t)(word >> 32);
}

static_assert((UNIT_BYTES - SMALL_FIRST) / CELL_BYTES * sizeof(cell) <= SMALL_FIRST,
	      "the cells of a unit lie before its blocks");
static_assert(SMALL_FIRST % CELL_BYTES == 0, "the first block is aligned");
static_assert(UNIT_BYTES - SMALL_MAX >= SMALL_FIRST, "an aligned block of any class fits a unit");
static_assert(CLASSES <= 64 && SMALL_MAX < 1 << 24, "class and size fit their bits");

enum unit_kind { UNIT_NONE, UNIT_SMALL, UNIT_LARGE, UNIT_FREE };

/*
 * A row of the table. `kind` is NONE in all units of a span but its first, and beyond the top.
 * `freed` and `size` outlive the block, so that freeing it again is recognised.
 */
struct unit {
	uint8_t kind;
	bool freed;     /* a large block that started here was freed; inside a live span: stale */
	uint32_t count; /* of a span's first unit: its length */
	uint32_t back;  /* of a free span's last unit: its length; elsewhere stale */
	uint32_t next;  /* of a free span's first unit: its neighbours in the bin */
	uint32_t prev;
	uint64_t size; /* of a large block's first unit */
};
static_assert(sizeof(struct unit) == 32, "128 units to a page of the table");

struct heap {
	uint32_t free[CLASSES]; /* the block that was freed last */
	uint32_t damaged_lists;
	uintptr_t bump; /* small blocks are cut from [bump, bump_end) */
	uintptr_t bump_end;
	uintptr_t bump_zero; /* is that memory known to be zero? */
	uintptr_t data;      /* where unit 0 is */
	size_t reserved;     /* bytes from the heap itself on */
	uint32_t units_max;
	uint32_t top;   /* spans tile the units [0, top), the last of them is not free */
	uint32_t fresh; /* the highest top ever: units from here on are zero */
	uint32_t free_spans;
	uint32_t bins_used; /* bit b: bins[b] is not empty */
	uint32_t bins[BINS];
	struct unit units[];
};
static_assert(sizeof(struct heap) <= 1024, "most of the first page is for units");

/* The cell that the block at @address would have if one started there. */
static inline cell *heap_cell(uintptr_t address)
{
	const uintptr_t unit = address & ~(uintptr_t)(UNIT_BYTES - 1);

	return (cell *)unit + ((address - unit - SMALL_FIRST) >> CELL_SHIFT);
}

static inline uint32_t heap_cell_number(const struct heap *heap, uintptr_t address)
{
	return (uint32_t)((address - heap->data) >> CELL_SHIFT);
}

static inline uintptr_t heap_unit_address(const struct heap *heap, uint32_t unit)
{
	return heap->data + ((uintptr_t)unit << UNIT_SHIFT);
}

static inline uint32_t heap_units_for(size_t bytes)
{
	return bytes <= UNIT_BYTES ? 1 : (uint32_t)((bytes - 1) >> UNIT_SHIFT) + 1;
}

/*
 * heap_small.c. The cold half of small blocks, below. The addresses lie in a small unit and need
 * not be a block's start, but for heap_small_resize(), which wants a live block's. 0: no room.
 */
uintptr_t heap_small_cut(struct heap *heap, unsigned int size_class, size_t size, bool *zero);
bool heap_small_resize(uintptr_t address, size_t size);
enum heap_status heap_small_find(uintptr_t address, struct heap_block *block);
void heap_small_count(uintptr_t unit, struct heap_totals *totals);

/*
 * heap_span.c. A span of one unit, for small blocks, or for a large block. *@old is the number of
 * bytes, from the start, that may be other than zero. 0 or NULL when the range is exhausted.
 * heap_span_resize() wants a live block's start.
 */
uintptr_t heap_span_small(struct heap *heap, size_t *old);
void *heap_span_alloc(struct heap *heap, size_t size, size_t align, size_t *old);
enum heap_status heap_span_free(struct heap *heap, uintptr_t address);
bool heap_span_resize(struct heap *heap, uintptr_t address, size_t size);
enum heap_status heap_span_find(const struct heap *heap, uintptr_t address,
				struct heap_block *block);
void heap_span_count(const struct heap *heap, struct heap_totals *totals);

/*
 * The class that serves a small block: the cells that it needs, less one, in floating point with
 * two bits of mantissa. Blocks aligned beyond a cell have classes of their own, in which each block
 * lies at a multiple of its size: so no list is searched for one that happens to be aligned.
 */
static inline unsigned int heap_class(size_t size, size_t align)
{
	const uint32_t last = (uint32_t)((size - (size != 0)) >> CELL_SHIFT);

	if (HEAP_LIKELY(align <= CELL_BYTES)) {
		const unsigned int shift = 29 - (unsigned int)__builtin_clz(last | 4);

		return 4 * shift + (last >> shift);
	} else {
		const uint32_t bytes = (uint32_t)(size > align ? size : align);
		const unsigned int log = 32 - (unsigned int)__builtin_clz(bytes - 1);

		return CLASSES_PACKED + log - 6;
	}
}

/*
 * The hot half of small blocks: the freed one on top of the list, or a new one. 0: no room. *@zero
 * says whether its memory is known to be zero.
 *
 * Writes past the end of a large block can reach cells. So a link that leads to no freed block of
 * the class is not followed; the list is given up, and counted, by heap_small_cut().
 */
static inline uintptr_t heap_small_alloc(struct heap *heap, size_t size, size_t align, bool *zero)
{
	const unsigned int size_class = heap_class(size, align);
	const uint32_t link = heap->free[size_class];

	if (HEAP_LIKELY(link >> (UNIT_SHIFT - CELL_SHIFT) < heap->top && link)) {
		const uintptr_t address = heap->data + ((uintptr_t)link << CELL_SHIFT);
		cell *first = heap_cell(address);
		const cell word = *first;

		if (HEAP_LIKELY((word & 255) == cell_make(CELL_FREED, size_class, 0, 0))) {
			heap->free[size_class] = cell_next(word);
			*first = cell_make(CELL_LIVE, size_class, size, 0);
			*zero = false;
			return address;
		}
	}
	return heap_small_cut(heap, size_class, size, zero);
}

/* The address is in a small unit. */
static inline enum heap_status heap_small_free(struct heap *heap, uintptr_t address)
{
	cell *first = heap_cell(address);
	cell word;

	if (HEAP_UNLIKELY(address % CELL_BYTES || address % UNIT_BYTES < SMALL_FIRST))
		return heap_small_find(address, NULL);
	word = *first;
	if (HEAP_UNLIKELY(cell_state(word) != CELL_LIVE))
		return heap_small_find(address, NULL);
	*first = cell_make(CELL_FREED, cell_class(word), cell_size(word),
			   heap->free[cell_class(word)]);
	heap->free[cell_class(word)] = heap_cell_number(heap, address);
	return HEAP_OK;
}

#endif
