/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two heaps, and which of them an address belongs to. Small blocks are heap_small.c's, large
 * ones heap_span.c's; here is what both have in common.
 *
 * What stands outside the ranges is written once, when a heap is mapped, and by the engine's own
 * switches: a reset restores the ranges alone.
 */
#include "engine/heap/heap_layout.h"

#include <linux/futex.h>
#include <string.h>
#include <sys/mman.h>

#include "base/sys.h"

bool (*heap_fail_hook)(size_t size);

static const struct {
	uintptr_t base;
	size_t reserved_max;
} plans[HEAPS] = {
	[HEAP_PROGRAM] = { HEAP_PROGRAM_BASE, HEAP_PROGRAM_MAX },
	[HEAP_ENGINE] = { HEAP_ENGINE_BASE, HEAP_ENGINE_MAX },
};

enum { RESERVED_MIN = 64 << 20 };

static struct {
	uintptr_t base;
	size_t reserved;
	struct heap *heap;
} heaps[HEAPS];

struct heap_switches heap_switches = { .selected = HEAP_PROGRAM };

/*
 * Fresh memory at @base, or anywhere when it is 0; 0 when refused. Kernels before 4.17 take the
 * address for a hint.
 */
static uintptr_t map_range(uintptr_t base, size_t bytes)
{
	const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
	const int fixed = base ? MAP_FIXED_NOREPLACE : 0;
	const long got =
		sys_mmap((void *)base, bytes, PROT_READ | PROT_WRITE, flags | fixed, -1, 0);

	if (sys_failed(got))
		return 0;
	if (base && (uintptr_t)got != base) {
		sys_munmap((void *)got, bytes);
		return 0;
	}
	/* Whole huge pages would have to be restored where a few small ones were written. */
	sys_madvise((void *)got, bytes, MADV_NOHUGEPAGE);
	return (uintptr_t)got;
}

/*
 * Lays out an empty heap in zeroed memory. The table has room for the largest range, so that equal
 * programs get equal addresses whatever the limits of the process are.
 */
static void lay_out(enum heap_which which, uintptr_t base, size_t reserved)
{
	struct heap *heap = (struct heap *)base;
	const size_t units_max = plans[which].reserved_max >> UNIT_SHIFT;
	const size_t table = sizeof(struct heap) + units_max * sizeof(struct unit);

	heap->reserved = reserved;
	heap->data = (base + table + UNIT_BYTES - 1) & ~(uintptr_t)(UNIT_BYTES - 1);
	heap->units_max = (uint32_t)((base + reserved - heap->data) >> UNIT_SHIFT);
	heaps[which].base = base;
	heaps[which].reserved = reserved;
	heaps[which].heap = heap;
	if (which == heap_switches.selected)
		heap_switches.current = heap;
}

__attribute__((cold, noinline)) static struct heap *open_heap(enum heap_which which)
{
	for (int anywhere = 0; anywhere < 2; anywhere++) {
		const uintptr_t wanted = anywhere ? 0 : plans[which].base;
		size_t reserved = plans[which].reserved_max;

		for (; reserved >= RESERVED_MIN; reserved /= 4) {
			const uintptr_t base = map_range(wanted, reserved);

			if (base) {
				lay_out(which, base, reserved);
				return heaps[which].heap;
			}
		}
	}
	return NULL;
}

struct heap *heap_get(enum heap_which which)
{
	struct heap *heap = heaps[which].heap;

	return HEAP_LIKELY(heap) ? heap : open_heap(which);
}

enum heap_which heap_select(enum heap_which which)
{
	const enum heap_which before = heap_switches.selected;

	heap_switches.selected = which;
	heap_switches.current = heaps[which].heap;
	return before;
}

bool heap_is_fixed(enum heap_which which)
{
	return heap_get(which) && heaps[which].base == plans[which].base;
}

/* The heap whose range holds the address, or NULL. */
static inline struct heap *owner(uintptr_t address)
{
	if (HEAP_LIKELY(address - heaps[HEAP_PROGRAM].base < heaps[HEAP_PROGRAM].reserved))
		return heaps[HEAP_PROGRAM].heap;
	if (address - heaps[HEAP_ENGINE].base < heaps[HEAP_ENGINE].reserved)
		return heaps[HEAP_ENGINE].heap;
	return NULL;
}

/* The row of the unit that holds the address, or NULL for the table and what lies beyond. */
static inline struct unit *row_of(struct heap *heap, uintptr_t address)
{
	const uintptr_t unit = (address - heap->data) >> UNIT_SHIFT;

	return HEAP_LIKELY(unit < heap->units_max) ? &heap->units[unit] : NULL;
}

static inline __attribute__((always_inline)) void *allocate(struct heap *heap, size_t size,
							    size_t align, bool cleared)
{
	size_t old;
	void *block;
	bool zero;

	if (HEAP_UNLIKELY(!heap))
		return NULL;
	if (HEAP_LIKELY(size <= SMALL_MAX && align <= SMALL_MAX)) {
		block = (void *)heap_small_alloc(heap, size, align, &zero);
		if (cleared && block && !zero)
			memset(block, 0, size);
	} else {
		block = heap_span_alloc(heap, size, align, &old);
		if (cleared && block && old)
			memset(block, 0, size < old ? size : old);
	}
	return block;
}

void *heap_alloc(struct heap *heap, size_t size, size_t align)
{
	return allocate(heap, size, align, false);
}

void *heap_zalloc(struct heap *heap, size_t size, size_t align)
{
	return allocate(heap, size, align, true);
}

enum heap_status heap_free(void *ptr)
{
	struct heap *heap = owner((uintptr_t)ptr);
	const struct unit *row = heap ? row_of(heap, (uintptr_t)ptr) : NULL;

	if (HEAP_UNLIKELY(!row))
		return HEAP_FOREIGN;
	if (HEAP_LIKELY(row->kind == UNIT_SMALL))
		return heap_small_free(heap, (uintptr_t)ptr);
	return heap_span_free(heap, (uintptr_t)ptr);
}

enum heap_status heap_check_pointer(const void *ptr, struct heap_block *block)
{
	struct heap *heap = owner((uintptr_t)ptr);
	const struct unit *row = heap ? row_of(heap, (uintptr_t)ptr) : NULL;

	if (block)
		*block = (struct heap_block){ .start = NULL };
	if (!row)
		return HEAP_FOREIGN;
	if (row->kind == UNIT_SMALL)
		return heap_small_find((uintptr_t)ptr, block);
	return heap_span_find(heap, (uintptr_t)ptr, block);
}

enum heap_status heap_realloc(void *ptr, size_t size, void **moved)
{
	struct heap_block block;
	const enum heap_status status = heap_check_pointer(ptr, &block);
	struct heap *heap = owner((uintptr_t)ptr);
	bool in_place;

	if (status != HEAP_OK)
		return status;
	if (row_of(heap, (uintptr_t)ptr)->kind == UNIT_SMALL)
		in_place = heap_small_resize((uintptr_t)ptr, size);
	else
		in_place = size > SMALL_MAX && heap_span_resize(heap, (uintptr_t)ptr, size);
	*moved = in_place ? ptr : heap_alloc(heap, size, 1);
	if (*moved && !in_place) {
		memcpy(*moved, ptr, block.size < size ? block.size : size);
		heap_free(ptr);
	}
	return HEAP_OK;
}

size_t heap_usable_size(const void *ptr)
{
	struct heap_block block;

	return heap_check_pointer(ptr, &block) == HEAP_OK ? block.size : 0;
}

bool heap_owns(const void *ptr)
{
	return owner((uintptr_t)ptr) != NULL;
}

bool heap_extents(enum heap_which which, struct heap_extent extents[HEAP_EXTENTS])
{
	const struct heap *heap = heaps[which].heap;
	size_t table;

	if (!heap)
		return false;
	table = heap->data - (uintptr_t)heap;
	extents[HEAP_EXTENT_TABLE] = (struct heap_extent){
		.base = heaps[which].heap,
		.used = sizeof(struct heap) + heap->fresh * sizeof(struct unit),
		.reserved = table,
	};
	extents[HEAP_EXTENT_DATA] = (struct heap_extent){
		.base = (void *)heap->data,
		.used = (size_t)heap->fresh << UNIT_SHIFT,
		.reserved = heap->reserved - table,
	};
	return true;
}

bool heap_totals(enum heap_which which, struct heap_totals *totals)
{
	const struct heap *heap = heaps[which].heap;
	struct heap_extent extents[HEAP_EXTENTS];

	if (!heap_extents(which, extents))
		return false;
	*totals = (struct heap_totals){
		.used_bytes = extents[HEAP_EXTENT_TABLE].used + extents[HEAP_EXTENT_DATA].used,
		.free_spans = heap->free_spans,
		.damaged_lists = heap->damaged_lists,
	};
	heap_span_count(heap, totals);
	return true;
}

/*
 * A futex lock of three states (Drepper, "Futexes are tricky", 2011, mutex2): 0 free, 1 taken,
 * 2 taken and somebody may wait. It never runs under control, where fibers share one thread.
 */
static uint32_t lock_word;

void heap_threads_begin(void)
{
	heap_switches.threads = true;
}

void heap_lock_threaded(void)
{
	uint32_t seen = 0;

	/* pairs with the release in heap_unlock_threaded() */
	if (__atomic_compare_exchange_n(&lock_word, &seen, 1, false, __ATOMIC_ACQUIRE,
					__ATOMIC_RELAXED))
		return;
	while (__atomic_exchange_n(&lock_word, 2, __ATOMIC_ACQUIRE) != 0)
		sys_futex(&lock_word, FUTEX_WAIT_PRIVATE, 2, NULL);
}

void heap_unlock_threaded(void)
{
	/* pairs with the acquires in heap_lock_threaded() */
	if (__atomic_exchange_n(&lock_word, 0, __ATOMIC_RELEASE) == 2)
		sys_futex(&lock_word, FUTEX_WAKE_PRIVATE, 1, NULL);
}
