/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Spans: runs of whole units. Free ones are merged with free neighbours at once (the row of a free
 * span's last unit holds its length, as in Knuth's boundary tags, but out of band), kept in bins by
 * the logarithm of their length, and taken best fit first. A span that becomes free at the top goes
 * back to the untouched rest, so the heap shrinks as it grew.
 *
 * Only the first row of a span is kept up to date: taking 2 GiB costs as much as taking 64 KiB. So
 * the other rows are stale, and every use of a stale field is checked against a first row, which
 * is not.
 */
#include "engine/heap/heap_layout.h"

#include "base/insist.h"

enum { SEARCH_MAX = 64 }; /* spans looked at in a bin; keeps the worst case short */

static uint32_t unit_of(const struct heap *heap, uintptr_t address)
{
	return (uint32_t)((address - heap->data) >> UNIT_SHIFT);
}

static unsigned int bin_of(uint32_t count)
{
	return 31 - (unsigned int)__builtin_clz(count);
}

static void bin_insert(struct heap *heap, uint32_t unit, uint32_t count)
{
	const unsigned int bin = bin_of(count);
	struct unit *row = &heap->units[unit];

	row->kind = UNIT_FREE;
	row->count = count;
	heap->units[unit + count - 1].back = count;
	row->prev = 0;
	row->next = heap->bins[bin];
	if (row->next)
		heap->units[row->next - 1].prev = unit + 1;
	heap->bins[bin] = unit + 1;
	heap->bins_used |= 1u << bin;
	heap->free_spans++;
}

static void bin_remove(struct heap *heap, uint32_t unit)
{
	struct unit *row = &heap->units[unit];
	const unsigned int bin = bin_of(row->count);

	insist(row->kind == UNIT_FREE);
	if (row->next)
		heap->units[row->next - 1].prev = row->prev;
	if (row->prev)
		heap->units[row->prev - 1].next = row->next;
	else
		heap->bins[bin] = row->next;
	if (!heap->bins[bin])
		heap->bins_used &= ~(1u << bin);
	row->kind = UNIT_NONE;
	heap->free_spans--;
}

/* Makes [start, start + count) free; it is in no bin and its first row's kind does not matter. */
static void release(struct heap *heap, uint32_t start, uint32_t count)
{
	const uint32_t next = start + count;

	heap->units[start].kind = UNIT_NONE;
	if (next < heap->top && heap->units[next].kind == UNIT_FREE) {
		count += heap->units[next].count;
		bin_remove(heap, next);
	}
	if (start > 0) {
		const uint32_t back = heap->units[start - 1].back;
		const struct unit *before = &heap->units[start - back];

		if (back && back <= start && before->kind == UNIT_FREE && before->count == back) {
			start -= back;
			count += back;
			bin_remove(heap, start);
		}
	}
	if (start + count == heap->top)
		heap->top = start;
	else
		bin_insert(heap, start, count);
}

/* The smallest free span of at least @count units as its row number plus 1, or 0. */
static uint32_t best_fit(const struct heap *heap, uint32_t count)
{
	uint32_t bins = heap->bins_used & (~0u << bin_of(count));

	for (; bins; bins &= bins - 1) {
		uint32_t span = heap->bins[__builtin_ctz(bins)];
		uint32_t best = 0;

		for (int i = 0; span && i < SEARCH_MAX; i++, span = heap->units[span - 1].next) {
			const uint32_t length = heap->units[span - 1].count;

			if (length >= count && (!best || length < heap->units[best - 1].count))
				best = span;
			if (length == count)
				break;
		}
		if (best)
			return best;
	}
	return 0;
}

/* Moves the top up by @count units. False when the range ends before. */
static bool top_grow(struct heap *heap, uint32_t count)
{
	if (count > heap->units_max - heap->top)
		return false;
	heap->top += count;
	if (heap->fresh < heap->top)
		heap->fresh = heap->top;
	return true;
}

/*
 * Takes @count units whose kind the caller sets. @old: how many of them, from the first, were used
 * before.
 */
static bool take(struct heap *heap, uint32_t count, uint32_t *unit, uint32_t *old)
{
	const uint32_t found = best_fit(heap, count);
	const uint32_t fresh = heap->fresh;

	if (found) {
		const uint32_t length = heap->units[found - 1].count;

		*unit = found - 1;
		*old = count;
		bin_remove(heap, *unit);
		if (length > count) {
			heap->units[*unit + count].freed = false;
			bin_insert(heap, *unit + count, length - count);
		}
		return true;
	}
	*unit = heap->top;
	if (!top_grow(heap, count))
		return false;
	*old = fresh <= *unit ? 0 : fresh - *unit < count ? fresh - *unit : count;
	return true;
}

uintptr_t heap_span_small(struct heap *heap, size_t *old)
{
	uint32_t unit, old_units;

	if (!take(heap, 1, &unit, &old_units))
		return 0;
	heap->units[unit].kind = UNIT_SMALL;
	heap->units[unit].count = 1;
	heap->units[unit].freed = false;
	*old = (size_t)old_units << UNIT_SHIFT;
	return heap_unit_address(heap, unit);
}

void *heap_span_alloc(struct heap *heap, size_t size, size_t align, size_t *old)
{
	uint32_t unit, old_units, count, lead = 0, spare = 0;
	struct unit *row;

	if (size > heap->reserved || align > heap->reserved)
		return NULL;
	count = heap_units_for(size);
	if (align > UNIT_BYTES)
		spare = (uint32_t)(align >> UNIT_SHIFT) - 1;
	if (!take(heap, count + spare, &unit, &old_units))
		return NULL;
	if (spare) {
		const uintptr_t address = heap_unit_address(heap, unit);

		lead = (uint32_t)((-address & (align - 1)) >> UNIT_SHIFT);
		old_units = old_units > lead ? old_units - lead : 0;
	}
	row = &heap->units[unit + lead];
	*row = (struct unit){ .kind = UNIT_LARGE, .count = count, .size = size };
	if (spare > lead) {
		heap->units[unit + lead + count].freed = false;
		release(heap, unit + lead + count, spare - lead);
	}
	if (lead) {
		heap->units[unit].freed = false;
		release(heap, unit, lead);
	}
	*old = (size_t)old_units << UNIT_SHIFT;
	return (void *)heap_unit_address(heap, unit + lead);
}

enum heap_status heap_span_free(struct heap *heap, uintptr_t address)
{
	const uint32_t unit = unit_of(heap, address);
	struct unit *row = &heap->units[unit];

	if (address % UNIT_BYTES || row->kind != UNIT_LARGE)
		return heap_span_find(heap, address, NULL);
	row->freed = true;
	release(heap, unit, row->count);
	return HEAP_OK;
}

/* Grows into the free span behind, or the untouched rest; gives back what is not needed. */
bool heap_span_resize(struct heap *heap, uintptr_t address, size_t size)
{
	const uint32_t unit = unit_of(heap, address);
	struct unit *row = &heap->units[unit];
	const uint32_t next = unit + row->count;
	uint32_t count;

	if (size > heap->reserved)
		return false;
	count = heap_units_for(size);
	if (count > row->count) {
		const uint32_t more = count - row->count;

		if (next == heap->top) {
			if (!top_grow(heap, more))
				return false;
		} else if (heap->units[next].kind == UNIT_FREE && heap->units[next].count >= more) {
			const uint32_t rest = heap->units[next].count - more;

			bin_remove(heap, next);
			if (rest) {
				heap->units[next + more].freed = false;
				bin_insert(heap, next + more, rest);
			}
		} else {
			return false;
		}
		row->count = count;
	} else if (count < row->count) {
		const uint32_t rest = row->count - count;

		row->count = count;
		heap->units[unit + count].freed = false;
		release(heap, unit + count, rest);
	}
	row->size = size;
	return true;
}

/*
 * Looks back from the address for the first row of the span that holds it. On the way the nearest
 * freed block that reached this far is remembered: it counts if the span turns out to be free.
 */
enum heap_status heap_span_find(const struct heap *heap, uintptr_t address,
				struct heap_block *block)
{
	const uint32_t unit = unit_of(heap, address);
	const struct unit *found = NULL;
	uintptr_t start;

	if (unit >= heap->fresh)
		return HEAP_FOREIGN;
	for (uint32_t i = unit + 1; i-- > 0;) {
		const struct unit *row = &heap->units[i];
		const bool reaches = unit - i < heap_units_for(row->size);

		if (row->kind == UNIT_LARGE && unit - i < row->count)
			found = row;
		else if (!found && row->freed && reaches)
			found = row;
		if (row->kind != UNIT_NONE)
			break;
	}
	if (!found)
		return HEAP_FOREIGN;
	start = heap_unit_address(heap, (uint32_t)(found - heap->units));
	if (block)
		*block = (struct heap_block){ .start = (void *)start,
					      .size = found->size,
					      .live = found->kind == UNIT_LARGE };
	if (address != start)
		return HEAP_INTERIOR;
	return found->kind == UNIT_LARGE ? HEAP_OK : HEAP_FREED;
}

void heap_span_count(const struct heap *heap, struct heap_totals *totals)
{
	for (uint32_t i = 0; i < heap->top; i += heap->units[i].count) {
		const struct unit *row = &heap->units[i];

		if (row->kind == UNIT_SMALL) {
			heap_small_count(heap_unit_address(heap, i), totals);
		} else if (row->kind == UNIT_LARGE) {
			totals->live_blocks++;
			totals->live_bytes += row->size;
		}
	}
}
