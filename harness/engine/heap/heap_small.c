/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Small blocks: cut one after the other from a unit, and from then on only taken from and put back
 * to the list of their size class. heap_layout.h says how they lie.
 *
 * Nothing is ever split or merged, so a cell that once was a block's first stays one: any address
 * is classified by walking back to the first cell that is not empty.
 */
#include "engine/heap/heap_layout.h"

#include <string.h>

/* clang-format off */
#define DOUBLING(b) (b) * 5 / 4, (b) * 6 / 4, (b) * 7 / 4, (b) * 2

static const uint16_t class_bytes[CLASSES] = {
	32, 64, 96, 128,
	DOUBLING(128), DOUBLING(256), DOUBLING(512), DOUBLING(1024),
	DOUBLING(2048), DOUBLING(4096), DOUBLING(8192),
	64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384,
};
/* clang-format on */

/* Gives up the rest of the current unit for a new one. */
static bool bump_refill(struct heap *heap)
{
	size_t old;
	const uintptr_t unit = heap_span_small(heap, &old);

	if (!unit)
		return false;
	if (old)
		memset((void *)unit, 0, SMALL_FIRST);
	heap->bump = unit + SMALL_FIRST;
	heap->bump_end = unit + UNIT_BYTES;
	heap->bump_zero = old == 0;
	return true;
}

static uintptr_t bump(struct heap *heap, unsigned int size_class)
{
	const size_t bytes = class_bytes[size_class];
	const uintptr_t mask = (size_class < CLASSES_PACKED ? (size_t)CELL_BYTES : bytes) - 1;
	uintptr_t address = (heap->bump + mask) & ~mask;

	if (address + bytes > heap->bump_end) {
		if (!bump_refill(heap))
			return 0;
		address = (heap->bump + mask) & ~mask;
	}
	heap->bump = address + bytes;
	return address;
}

uintptr_t heap_small_cut(struct heap *heap, unsigned int size_class, size_t size, bool *zero)
{
	const uintptr_t address = bump(heap, size_class);

	if (heap->free[size_class]) {
		heap->free[size_class] = 0;
		heap->damaged_lists++;
	}
	if (address) {
		*heap_cell(address) = cell_make(CELL_LIVE, size_class, size, 0);
		*zero = heap->bump_zero;
	}
	return address;
}

/* Only a block that stays at least half full is worth keeping. */
bool heap_small_resize(uintptr_t address, size_t size)
{
	cell *first = heap_cell(address);
	const unsigned int size_class = cell_class(*first);
	const size_t bytes = class_bytes[size_class];

	if (size > bytes || (size < bytes / 2 && bytes > CELL_BYTES))
		return false;
	*first = cell_make(CELL_LIVE, size_class, size, 0);
	return true;
}

enum heap_status heap_small_find(uintptr_t address, struct heap_block *block)
{
	const uintptr_t first = (address & ~(uintptr_t)(UNIT_BYTES - 1)) + SMALL_FIRST;
	uintptr_t start = address & ~(uintptr_t)(CELL_BYTES - 1);
	cell word;

	if (address < first)
		return HEAP_FOREIGN;
	while (cell_state(*heap_cell(start)) == CELL_NONE && start > first)
		start -= CELL_BYTES;
	word = *heap_cell(start);
	if (cell_state(word) == CELL_NONE || cell_class(word) >= CLASSES ||
	    address >= start + class_bytes[cell_class(word)])
		return HEAP_FOREIGN;
	if (block)
		*block = (struct heap_block){ .start = (void *)start,
					      .size = cell_size(word),
					      .live = cell_state(word) == CELL_LIVE };
	if (address != start)
		return HEAP_INTERIOR;
	return cell_state(word) == CELL_LIVE ? HEAP_OK : HEAP_FREED;
}

void heap_small_count(uintptr_t unit, struct heap_totals *totals)
{
	for (uintptr_t at = unit + SMALL_FIRST; at < unit + UNIT_BYTES; at += CELL_BYTES) {
		const cell word = *heap_cell(at);

		if (cell_state(word) == CELL_LIVE) {
			totals->live_blocks++;
			totals->live_bytes += cell_size(word);
		}
	}
}
