/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The allocator's promises, one by one: sizes and alignments, reuse and merging, what addresses
 * are, what a program that writes where it must not can break. Random sequences are in
 * check_heap_model.c, and what a process is to its heaps in check_heap_place.c.
 */
#include "check_main.h"

#include <string.h>

#include "engine/heap/heap.h"

enum { UNIT = 64 << 10 };

static void check_bytes(const unsigned char *start, size_t size, unsigned char fill)
{
	for (size_t i = 0; i < size; i++)
		if (start[i] != fill)
			ck_abort_msg("byte %zu of %zu is %u, not %u", i, size, start[i], fill);
}

START_TEST(every_small_size_is_served_at_every_small_alignment)
{
	struct heap *heap = heap_get(HEAP_PROGRAM);
	const size_t align = 1ul << _i;
	unsigned char *last = NULL;

	for (size_t size = 0; size <= 17000; size += size < 600 ? 1 : 61) {
		unsigned char *block = heap_alloc(heap, size, align);

		ck_assert_ptr_nonnull(block);
		ck_assert_uint_eq((uintptr_t)block % (align < 16 ? 16 : align), 0);
		ck_assert_ptr_ne(block, last);
		memset(block, 0xee, size);
		ck_assert_int_eq(heap_check_pointer(block, NULL), HEAP_OK);
		last = block;
	}
}
END_TEST

static const struct {
	const char *name;
	size_t size, align;
} odd_spans[] = {
	{ "nothing, at 64 KiB", 0, 64 << 10 },
	{ "one byte at 1 MiB", 1, 1 << 20 },
	{ "100 KiB at 128 KiB", 100 << 10, 128 << 10 },
	{ "exactly one unit", 64 << 10, 16 },
	{ "a byte more than a unit", (64 << 10) + 1, 16 },
	{ "a byte more than small", (16 << 10) + 1, 16 },
	{ "3 MiB at 64 MiB", 3 << 20, 64 << 20 },
};

START_TEST(large_blocks_are_served_at_any_alignment)
{
	struct heap *heap = heap_get(HEAP_PROGRAM);
	const size_t size = odd_spans[_i].size, align = odd_spans[_i].align;
	unsigned char *first = heap_alloc(heap, size, align);
	unsigned char *second = heap_zalloc(heap, size, align);
	struct heap_totals totals;

	ck_assert_msg(first && second && first != second, "%s", odd_spans[_i].name);
	ck_assert_uint_eq((uintptr_t)first % align, 0);
	ck_assert_uint_eq((uintptr_t)second % align, 0);
	memset(first, 1, size);
	check_bytes(second, size, 0);
	ck_assert_int_eq(heap_free(first), HEAP_OK);
	ck_assert_int_eq(heap_free(first), HEAP_FREED);
	ck_assert_int_eq(heap_free(second), HEAP_OK);
	heap_totals(HEAP_PROGRAM, &totals);
	ck_assert_uint_eq(totals.live_blocks, 0);
	ck_assert_uint_eq(totals.free_spans, 0);
}
END_TEST

START_TEST(more_than_two_gigabytes_cost_only_the_pages_touched)
{
	struct heap *heap = heap_get(HEAP_PROGRAM);
	const size_t size = (3ul << 30) + 5;
	unsigned char *block = heap_zalloc(heap, size, 16);
	struct heap_block found;

	ck_assert_ptr_nonnull(block);
	block[0] = block[size - 1] = 1;
	ck_assert_int_eq(heap_check_pointer(block + size - 1, &found), HEAP_INTERIOR);
	ck_assert_uint_eq(found.size, size);
	ck_assert_int_eq(heap_free(block), HEAP_OK);
}
END_TEST

START_TEST(what_does_not_fit_the_range_is_refused)
{
	static const size_t sizes[] = { 65ul << 30, SIZE_MAX, SIZE_MAX / 2, SIZE_MAX - 15 };
	struct heap *heap = heap_get(HEAP_PROGRAM);
	void *kept = heap_alloc(heap, 100000, 16);
	void *moved = kept;

	ck_assert_ptr_null(heap_alloc(heap, sizes[_i], 16));
	ck_assert_ptr_null(heap_zalloc(heap, sizes[_i], 4096));
	ck_assert_int_eq(heap_realloc(kept, sizes[_i], &moved), HEAP_OK);
	ck_assert_ptr_null(moved);
	ck_assert_uint_eq(heap_usable_size(kept), 100000);
	ck_assert_ptr_null(heap_alloc(heap, 16, 1ul << 50));
	ck_assert_ptr_null(heap_alloc(NULL, 16, 16));
}
END_TEST

START_TEST(an_exhausted_range_serves_again_after_a_free)
{
	struct heap *heap = heap_get(HEAP_ENGINE);
	void *blocks[32];
	int count = 0;

	while (count < 32 && (blocks[count] = heap_alloc(heap, 100 << 20, 16)))
		count++;
	ck_assert_int_eq(count, 10);
	ck_assert_int_eq(heap_free(blocks[4]), HEAP_OK);
	ck_assert_ptr_eq(heap_alloc(heap, 90 << 20, 16), blocks[4]);
}
END_TEST

START_TEST(free_neighbours_become_one_span)
{
	static const int orders[][3] = { { 0, 1, 2 }, { 2, 1, 0 }, { 0, 2, 1 },
					 { 1, 0, 2 }, { 1, 2, 0 }, { 2, 0, 1 } };
	struct heap *heap = heap_get(HEAP_PROGRAM);
	unsigned char *blocks[3];
	struct heap_totals totals;
	void *stop;

	for (int i = 0; i < 3; i++)
		blocks[i] = heap_alloc(heap, (size_t)(i + 1) * 2 * UNIT, 16);
	stop = heap_alloc(heap, UNIT, 16);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(heap_free(blocks[orders[_i][i]]), HEAP_OK);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(heap_free(blocks[i]), HEAP_FREED);
	heap_totals(HEAP_PROGRAM, &totals);
	ck_assert_uint_eq(totals.free_spans, 1);
	ck_assert_ptr_eq(heap_alloc(heap, 12 * UNIT, 16), blocks[0]);
	ck_assert_int_eq(heap_free(blocks[1]), HEAP_INTERIOR);
	ck_assert_int_eq(heap_free(stop), HEAP_OK);
}
END_TEST

START_TEST(the_best_hole_is_taken)
{
	struct heap *heap = heap_get(HEAP_PROGRAM);
	void *holes[4], *fence[4];
	static const size_t units[] = { 9, 5, 6, 20 };

	for (int i = 0; i < 4; i++) {
		holes[i] = heap_alloc(heap, units[i] * UNIT, 16);
		fence[i] = heap_alloc(heap, UNIT, 16);
		ck_assert_ptr_nonnull(fence[i]);
	}
	for (int i = 0; i < 4; i++)
		heap_free(holes[i]);
	ck_assert_ptr_eq(heap_alloc(heap, 5 * UNIT, 16), holes[1]);
	ck_assert_ptr_eq(heap_alloc(heap, 6 * UNIT, 16), holes[2]);
	ck_assert_ptr_eq(heap_alloc(heap, 8 * UNIT, 16), holes[0]);
	ck_assert_ptr_eq(heap_alloc(heap, 12 * UNIT, 16), holes[3]);
}
END_TEST

START_TEST(a_loop_of_allocations_does_not_grow_the_heap)
{
	struct heap *heap = heap_get(HEAP_PROGRAM);
	struct heap_totals first, last;

	for (int i = 0; i < 3000; i++) {
		void *a = heap_alloc(heap, 100, 1), *b = heap_alloc(heap, 100, 64);
		void *c = heap_alloc(heap, 300000, 1), *d = heap_alloc(heap, 5000, 4096);

		heap_free(b);
		heap_free(a);
		heap_free(d);
		heap_free(c);
		heap_totals(HEAP_PROGRAM, i ? &last : &first);
	}
	ck_assert_uint_eq(first.used_bytes, last.used_bytes);
}
END_TEST

START_TEST(realloc_stays_in_place_when_it_can)
{
	struct heap *heap = heap_get(HEAP_PROGRAM);
	void *small = heap_alloc(heap, 130, 1), *large = heap_alloc(heap, UNIT, 1), *fence, *moved;

	ck_assert_int_eq(heap_realloc(small, 160, &moved), HEAP_OK);
	ck_assert_ptr_eq(moved, small);
	ck_assert_int_eq(heap_realloc(large, 100 * UNIT, &moved), HEAP_OK);
	ck_assert_ptr_eq(moved, large);
	fence = heap_alloc(heap, UNIT, 1);
	ck_assert_int_eq(heap_realloc(large, 30 * UNIT, &moved), HEAP_OK);
	ck_assert_ptr_eq(moved, large);
	ck_assert_ptr_eq(heap_alloc(heap, 60 * UNIT, 1), (char *)large + 30 * UNIT);
	ck_assert_int_eq(heap_realloc((char *)large + 30 * UNIT, UNIT, &moved), HEAP_OK);
	ck_assert_int_eq(heap_realloc(moved, 70 * UNIT, &moved), HEAP_OK);
	ck_assert_ptr_eq(moved, (char *)large + 30 * UNIT);
	ck_assert_int_eq(heap_realloc(moved, 71 * UNIT, &moved), HEAP_OK);
	ck_assert_ptr_ne(moved, (char *)large + 30 * UNIT);
	ck_assert_int_eq(heap_check_pointer(fence, NULL), HEAP_OK);
	ck_assert_int_eq(heap_realloc(large, 10, &moved), HEAP_OK);
	ck_assert_int_eq(heap_check_pointer(large, NULL), HEAP_FREED);
}
END_TEST

START_TEST(addresses_outside_of_blocks_are_foreign)
{
	struct heap *heap = heap_get(HEAP_PROGRAM);
	char *small = heap_alloc(heap, 32, 1), *large = heap_alloc(heap, UNIT, 1);
	struct heap_extent extents[HEAP_EXTENTS];
	struct heap_block block = { .live = true };

	heap_extents(HEAP_PROGRAM, extents);
	ck_assert_int_eq(heap_check_pointer(&block, &block), HEAP_FOREIGN);
	ck_assert(!block.live && !block.start && !block.size);
	ck_assert_int_eq(heap_free(&block), HEAP_FOREIGN);
	ck_assert_int_eq(heap_free(NULL), HEAP_FOREIGN);
	ck_assert_int_eq(heap_free(heap), HEAP_FOREIGN);
	ck_assert_int_eq(heap_free(extents[HEAP_EXTENT_DATA].base), HEAP_FOREIGN);
	ck_assert_int_eq(heap_free(small + 32), HEAP_FOREIGN);
	ck_assert_int_eq(heap_free(large + UNIT), HEAP_FOREIGN);
	ck_assert_int_eq(heap_free(large + 1000ul * UNIT), HEAP_FOREIGN);
	ck_assert_int_eq(heap_free((char *)heap + (63ul << 30)), HEAP_FOREIGN);
	ck_assert(heap_owns(small) && heap_owns(heap) && !heap_owns(&block) && !heap_owns(NULL));
}
END_TEST

static const size_t forgotten[] = { 1, 100, 16384, 16385, 1000000 };

START_TEST(a_freed_block_is_remembered_until_its_memory_is_used_again)
{
	struct heap *heap = heap_get(HEAP_PROGRAM);
	const size_t size = forgotten[_i];
	char *start = heap_alloc(heap, size, 1);
	struct heap_block block;

	heap_alloc(heap, size, 1);
	heap_free(start);
	ck_assert_int_eq(heap_check_pointer(start, &block), HEAP_FREED);
	ck_assert_uint_eq(block.size, size);
	if (size > 1)
		ck_assert_int_eq(heap_check_pointer(start + size - 1, &block), HEAP_INTERIOR);
	ck_assert_ptr_eq(block.start, start);
	ck_assert_uint_eq(block.size, size);
	ck_assert(!block.live);
	ck_assert_ptr_eq(heap_alloc(heap, size, 1), start);
	ck_assert_int_eq(heap_check_pointer(start, &block), HEAP_OK);
	ck_assert(block.live);
}
END_TEST

START_TEST(writes_into_freed_blocks_do_no_harm)
{
	struct heap *heap = heap_get(HEAP_PROGRAM);
	static const size_t sizes[] = { 1, 40, 1000, 16000, 20000, 300000 };
	void *blocks[6], *fence[6];

	for (int round = 0; round < 100; round++) {
		for (int i = 0; i < 6; i++) {
			blocks[i] = heap_zalloc(heap, sizes[i], 1);
			fence[i] = heap_alloc(heap, sizes[i], 1);
			check_bytes(blocks[i], sizes[i], 0);
		}
		for (int i = 0; i < 6; i++) {
			ck_assert_int_eq(heap_free(blocks[i]), HEAP_OK);
			memset(blocks[i], 0xff, sizes[i]);
			ck_assert_int_eq(heap_free(fence[i]), HEAP_OK);
		}
	}
}
END_TEST

START_TEST(a_list_with_a_broken_link_is_given_up_and_counted)
{
	struct heap *heap = heap_get(HEAP_PROGRAM);
	void *blocks[3];
	struct heap_extent extents[HEAP_EXTENTS];
	struct heap_totals totals;

	for (int i = 0; i < 3; i++)
		blocks[i] = heap_alloc(heap, 50, 1);
	for (int i = 0; i < 3; i++)
		heap_free(blocks[i]);
	heap_extents(HEAP_PROGRAM, extents);
	memset(extents[HEAP_EXTENT_DATA].base, _i, 4096);
	for (int i = 0; i < 10; i++) {
		char *block = heap_alloc(heap, 50, 1);

		ck_assert_msg((void *)block > blocks[2], "a block of the broken list");
		memset(block, 1, 50);
	}
	heap_totals(HEAP_PROGRAM, &totals);
	ck_assert_uint_eq(totals.damaged_lists, 1);
}
END_TEST

START_TEST(a_small_program_dirties_two_pages_of_bookkeeping)
{
	struct heap *heap = heap_get(HEAP_PROGRAM);
	static const unsigned char zero[4096];
	struct heap_extent extents[HEAP_EXTENTS];
	int dirty = 0;

	for (int i = 0; i < 100; i++)
		memset(heap_alloc(heap, (size_t)(i % 20) * 15, 1), 1, 15);
	heap_alloc(heap, 100000, 1);
	heap_extents(HEAP_PROGRAM, extents);
	for (size_t at = 0; at < extents[HEAP_EXTENT_TABLE].used; at += 4096)
		dirty += memcmp((char *)extents[HEAP_EXTENT_TABLE].base + at, zero, 4096) != 0;
	for (size_t at = 0; at < 3 * 4096; at += 4096)
		dirty += memcmp((char *)extents[HEAP_EXTENT_DATA].base + at, zero, 4096) != 0;
	ck_assert_int_eq(dirty, 2);
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("heap");
	TCase *tests = tcase_create("heap");

	tcase_add_loop_test(tests, every_small_size_is_served_at_every_small_alignment, 0, 17);
	tcase_add_loop_test(tests, large_blocks_are_served_at_any_alignment, 0, 7);
	tcase_add_test(tests, more_than_two_gigabytes_cost_only_the_pages_touched);
	tcase_add_loop_test(tests, what_does_not_fit_the_range_is_refused, 0, 4);
	tcase_add_test(tests, an_exhausted_range_serves_again_after_a_free);
	tcase_add_loop_test(tests, free_neighbours_become_one_span, 0, 6);
	tcase_add_test(tests, the_best_hole_is_taken);
	tcase_add_test(tests, a_loop_of_allocations_does_not_grow_the_heap);
	tcase_add_test(tests, realloc_stays_in_place_when_it_can);
	tcase_add_test(tests, addresses_outside_of_blocks_are_foreign);
	tcase_add_loop_test(tests, a_freed_block_is_remembered_until_its_memory_is_used_again, 0,
			    5);
	tcase_add_test(tests, writes_into_freed_blocks_do_no_harm);
	tcase_add_loop_test(tests, a_list_with_a_broken_link_is_given_up_and_counted, 1, 4);
	tcase_add_test(tests, a_small_program_dirties_two_pages_of_bookkeeping);
	suite_add_tcase(suite, tests);
	return suite;
}
