/* SPDX-License-Identifier: Apache-2.0 */
/* The snapshot's promises one by one: what is found, what is restored, and to which byte. */
#include "snapshot_memory.h"

#include <errno.h>

/* Kernels before 6.7 and containers without userfaultfd: what only watching can do is not asked. */
static bool take_watched(void)
{
	ck_assert_int_eq(snapshot_take(), 0);
	return watching();
}

START_TEST(what_was_written_once_is_restored_without_a_scan)
{
	char *memory = map_memory(8 * PAGE);

	memory[5 * PAGE] = 1;
	snapshot_forbid(methods[_i].forbidden);
	ck_assert_int_eq(snapshot_add(memory, 8 * PAGE, SNAPSHOT_SAVED), 0);
	ck_assert_int_eq(snapshot_take(), 0);
	memory[5 * PAGE] = 2;
	ck_assert_int_eq(snapshot_scan(), 1);
	for (int i = 0; i < 3; i++) {
		memory[5 * PAGE] = 3;
		snapshot_restore();
		ck_assert_int_eq(memory[5 * PAGE], 1);
	}
	ck_assert_int_eq(snapshot_scan(), 0);
	ck_assert_uint_eq(snapshot_counters()->pages_dirty, 1);
	ck_assert_uint_eq(snapshot_counters()->scans, 2);
	ck_assert_uint_eq(snapshot_counters()->scans_new, 1);
}
END_TEST

START_TEST(reading_is_not_writing)
{
	char *memory = map_memory(30 * PAGE), *fresh = map_memory(64 * PAGE);
	char *file = map_file(4 * PAGE);
	int sum = 0;

	snapshot_forbid(methods[_i].forbidden);
	ck_assert_int_eq(snapshot_add(memory, 30 * PAGE, SNAPSHOT_SAVED), 0);
	ck_assert_int_eq(snapshot_add(file, 4 * PAGE, SNAPSHOT_SAVED), 0);
	ck_assert_int_eq(snapshot_add(fresh, 64 * PAGE, SNAPSHOT_FRESH), 0);
	if (!take_watched())
		return;
	for (size_t i = 0; i < 30ul * PAGE; i += 64)
		sum += ((volatile char *)memory)[i];
	for (size_t i = 0; i < 64ul * PAGE; i += 64)
		sum += ((volatile char *)fresh)[i];
	for (size_t i = 0; i < 4ul * PAGE; i += PAGE)
		sum += ((volatile char *)file)[i];
	ck_assert_int_eq(sum, 4 * 'f');
	ck_assert_int_eq(snapshot_scan(), 0);
	ck_assert_uint_eq(snapshot_counters()->pages_dirty, 0);
}
END_TEST

START_TEST(the_kernels_writes_are_seen)
{
	char *memory = map_memory(4 * PAGE), *fresh = map_memory(4 * PAGE);

	memset(memory, 7, 4 * PAGE);
	snapshot_forbid(methods[_i].forbidden);
	ck_assert_int_eq(snapshot_add(memory, 4 * PAGE, SNAPSHOT_SAVED), 0);
	ck_assert_int_eq(snapshot_add(fresh, 4 * PAGE, SNAPSHOT_FRESH), 0);
	ck_assert_int_eq(snapshot_take(), 0);
	write_by_kernel(memory + 2 * PAGE, 8);
	write_by_kernel(fresh + 3 * PAGE, 9);
	ck_assert_int_eq(memory[2 * PAGE], 8);
	ck_assert_int_eq(snapshot_scan(), 2);
	snapshot_restore();
	ck_assert(all(memory, 4 * PAGE, 7));
	ck_assert(all(fresh, 4 * PAGE, 0));
}
END_TEST

/* A write that is undone by the program before the scan, still one schedule's leak into the next.
 */
START_TEST(watching_sees_a_write_that_was_taken_back)
{
	char *memory = map_memory(2 * PAGE);

	snapshot_forbid(methods[_i].forbidden);
	ck_assert_int_eq(snapshot_add(memory, 2 * PAGE, SNAPSHOT_SAVED), 0);
	if (!take_watched())
		return;
	memory[PAGE] = 1;
	memory[PAGE] = 0;
	ck_assert_int_eq(snapshot_scan(), 1);
	ck_assert_uint_eq(snapshot_batch_max(), SNAPSHOT_BATCH_MAX);
}
END_TEST

START_TEST(comparing_asks_for_a_scan_after_each_schedule)
{
	char *memory = map_memory(PAGE);

	snapshot_forbid(DIRTY_CAN_WATCH | DIRTY_CAN_ADOPT);
	ck_assert_int_eq(snapshot_add(memory, PAGE, SNAPSHOT_SAVED), 0);
	ck_assert_int_eq(snapshot_take(), 0);
	ck_assert_int_eq(snapshot_method(), SNAPSHOT_COMPARED);
	ck_assert_uint_eq(snapshot_batch_max(), 1);
}
END_TEST

/* From 2 MiB on the kernel frees the page tables, too, and with them every mark. */
START_TEST(dropped_pages_are_found)
{
	const size_t lengths[] = { PAGE, 64 * PAGE, 6 * MIB };
	const size_t length = lengths[_i];
	char *memory = map_memory(8 * MIB);

	memset(memory, 5, 8 * MIB);
	ck_assert_int_eq(snapshot_add(memory, 8 * MIB, SNAPSHOT_SAVED), 0);
	ck_assert_int_eq(snapshot_take(), 0);
	ck_assert_int_eq(madvise(memory, length, MADV_DONTNEED), 0);
	ck_assert_int_eq(snapshot_scan(), (long)(length / PAGE));
	snapshot_restore();
	ck_assert(all(memory, 8 * MIB, 5));
}
END_TEST

/* The file's own bytes come back; reading them leaves a page that is present and not written. */
START_TEST(a_files_page_that_was_dropped_is_found)
{
	char *file = map_file(3 * PAGE);

	memset(file + PAGE, 5, PAGE);
	ck_assert_int_eq(snapshot_add(file, 3 * PAGE, SNAPSHOT_SAVED), 0);
	ck_assert_int_eq(snapshot_take(), 0);
	ck_assert_int_eq(madvise(file + PAGE, PAGE, MADV_DONTNEED), 0);
	if (_i == 1)
		ck_assert_int_eq(file[PAGE], 'f');
	ck_assert_int_eq(snapshot_scan(), 1);
	snapshot_restore();
	ck_assert(all(file + PAGE, PAGE, 5));
	ck_assert_str_eq(file, "file");
}
END_TEST

START_TEST(a_replaced_mapping_is_found)
{
	char *memory = map_memory(6 * PAGE);

	memset(memory, 5, 6 * PAGE);
	ck_assert_int_eq(snapshot_add(memory, 6 * PAGE, SNAPSHOT_SAVED), 0);
	ck_assert_int_eq(snapshot_take(), 0);
	ck_assert_ptr_eq(mmap(memory + 2 * PAGE, 3 * PAGE, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0),
			 memory + 2 * PAGE);
	memory[3 * PAGE] = 9;
	ck_assert_int_eq(snapshot_scan(), 3);
	snapshot_restore();
	ck_assert(all(memory, 6 * PAGE, 5));
}
END_TEST

START_TEST(a_region_is_restored_to_the_byte)
{
	char *memory = map_memory(4 * PAGE), *fresh = map_memory(4 * PAGE);

	memset(memory, 1, 4 * PAGE);
	memset(fresh, 1, 4 * PAGE);
	snapshot_forbid(methods[_i].forbidden);
	/* Two regions within one page, one over a page border, and all of the rest untold. */
	ck_assert_int_eq(snapshot_add(memory + 10, 20, SNAPSHOT_SAVED), 0);
	ck_assert_int_eq(snapshot_add(memory + 40, 5, SNAPSHOT_FRESH), 0);
	ck_assert_int_eq(snapshot_add(memory + 2 * PAGE - 3, PAGE + 5, SNAPSHOT_SAVED), 0);
	ck_assert_int_eq(snapshot_add(fresh + 100, 2 * PAGE, SNAPSHOT_FRESH), 0);
	ck_assert_int_eq(snapshot_take(), 0);
	ck_assert(all(memory + 40, 5, 0) && memory[39] == 1 && memory[45] == 1);
	ck_assert(all(fresh + 100, 2 * PAGE, 0) && fresh[99] == 1 && fresh[100 + 2 * PAGE] == 1);
	memset(memory, 2, 4 * PAGE);
	memset(fresh, 2, 4 * PAGE);
	ck_assert_int_eq(snapshot_scan(), 2);
	snapshot_restore();
	ck_assert(all(memory, 10, 2) && all(memory + 10, 20, 1) && all(memory + 30, 10, 2));
	ck_assert(all(memory + 40, 5, 0) && all(memory + 45, 2 * PAGE - 3 - 45, 2));
	ck_assert(all(memory + 2 * PAGE - 3, PAGE + 5, 1));
	ck_assert(all(memory + 3 * PAGE + 2, PAGE - 2, 2));
	ck_assert(all(fresh, 100, 2) && all(fresh + 100, 2 * PAGE, 0));
	ck_assert(all(fresh + 100 + 2 * PAGE, 2 * PAGE - 100, 2));
}
END_TEST

START_TEST(memory_that_was_never_touched_costs_no_copy)
{
	char *memory = map_memory(1ul << 30);

	memory[0] = 1;
	memory[512 * MIB] = 2;
	snapshot_forbid(methods[_i].forbidden);
	ck_assert_int_eq(snapshot_add(memory, 1ul << 30, SNAPSHOT_SAVED), 0);
	ck_assert_int_eq(snapshot_take(), 0);
	ck_assert_uint_eq(snapshot_counters()->pages_saved, 2);
	memory[100 * MIB] = 3;
	memory[512 * MIB] = 4;
	memory[(1ul << 30) - 1] = 5;
	ck_assert_int_eq(snapshot_scan(), 3);
	snapshot_restore();
	ck_assert(memory[0] == 1 && memory[512 * MIB] == 2);
	ck_assert(memory[100 * MIB] == 0 && memory[(1ul << 30) - 1] == 0);
}
END_TEST

START_TEST(shared_memory_is_restored_each_time)
{
	char *shared = map(3 * PAGE, MAP_SHARED | MAP_ANONYMOUS, -1);

	memset(shared, 4, 3 * PAGE);
	ck_assert_int_eq(snapshot_add(shared, 3 * PAGE, SNAPSHOT_SAVED), 0);
	ck_assert_int_eq(snapshot_take(), 0);
	memset(shared, 6, 3 * PAGE);
	snapshot_restore();
	ck_assert(all(shared, 3 * PAGE, 4));
	ck_assert_int_eq(snapshot_scan(), 0);
}
END_TEST

START_TEST(marked_pages_are_restored_and_void_the_batch)
{
	char *memory = map_memory(4 * PAGE);

	ck_assert_int_eq(snapshot_add(memory, 4 * PAGE, SNAPSHOT_SAVED), 0);
	ck_assert_int_eq(snapshot_take(), 0);
	snapshot_mark(memory + PAGE - 1, 2);
	snapshot_mark(memory - PAGE, PAGE);
	memory[0] = memory[PAGE] = 1;
	snapshot_restore();
	ck_assert(all(memory, 4 * PAGE, 0));
	ck_assert_int_eq(snapshot_scan(), 2);
	ck_assert_int_eq(snapshot_scan(), 0);
}
END_TEST

/* Used whole by each of many schedules, then by few bytes, then whole once: restored either way. */
START_TEST(large_fresh_ranges_are_zeroed_or_dropped)
{
	const size_t length = 20 * MIB;
	char *fresh = map_memory(length), *used = fresh;

	snapshot_forbid(methods[_i].forbidden);
	ck_assert_int_eq(snapshot_add(fresh, length, SNAPSHOT_FRESH), 0);
	ck_assert_int_eq(snapshot_take(), 0);
	memset(fresh + 10, 1, length - 20);
	ck_assert_int_eq(snapshot_scan(), (long)(length / PAGE));
	for (int i = 0; i < 200; i++) {
		snapshot_restore();
		ck_assert(all(fresh, 64, 0) && all(fresh + length - 64, 64, 0));
		ck_assert_int_eq(*used, 0);
		used = fresh + (size_t)i * 65537;
		*used = 1;
		if (i < 40 || i == 190)
			memset(fresh, i + 1, length);
	}
	snapshot_restore();
	ck_assert(all(fresh, length, 0));
	ck_assert_uint_gt(snapshot_counters()->drops, 0);
	ck_assert_int_eq(snapshot_scan(), 0);
}
END_TEST

START_TEST(a_limit_saves_looking_where_nothing_was_touched)
{
	char *fresh = map_memory(16 * PAGE);

	snapshot_forbid(methods[METHODS - 1].forbidden);
	ck_assert_int_eq(snapshot_add(fresh, 16 * PAGE, SNAPSHOT_FRESH), 0);
	ck_assert_int_eq(snapshot_take(), 0);
	snapshot_limit(fresh, 2 * PAGE);
	fresh[PAGE] = 1;
	fresh[2 * PAGE] = 2;
	ck_assert_int_eq(snapshot_scan(), 1);
	snapshot_limit(fresh, 2 * PAGE + 1);
	ck_assert_int_eq(snapshot_scan(), 1);
	snapshot_restore();
	ck_assert(all(fresh, 16 * PAGE, 0));
}
END_TEST

static void write_by_kernel_fails(char *to)
{
	int fds[2];

	ck_assert_int_eq(pipe(fds), 0);
	ck_assert_int_eq(write(fds[1], "x", 1), 1);
	ck_assert_int_eq(read(fds[0], to, 1), -1);
	ck_assert_int_eq(errno, EFAULT);
	close(fds[0]);
	close(fds[1]);
}

/* To the program adopted memory is anonymous: zero once dropped, and resized without end. */
START_TEST(adopted_memory_is_anonymous_to_the_program)
{
	char *memory = map_memory(8 * PAGE), *moved;

	memset(memory, 5, 8 * PAGE);
	snapshot_forbid(methods[_i].forbidden);
	ck_assert_int_eq(snapshot_add(memory, 8 * PAGE, SNAPSHOT_SAVED), 0);
	ck_assert(take_watched());
	ck_assert_int_eq(madvise(memory + PAGE, 2 * PAGE, MADV_DONTNEED), 0);
	snapshot_dropped((uintptr_t)memory + PAGE, 2 * PAGE);
	ck_assert(all(memory, PAGE, 5) && all(memory + PAGE, 2 * PAGE, 0));
	ck_assert(all(memory + 3 * PAGE, 5 * PAGE, 5));
	ck_assert_int_eq(snapshot_scan(), 2);
	memory[4 * PAGE] = 6;
	/* Whatever it is protected by meanwhile. */
	ck_assert_int_eq(mprotect(memory, PAGE, PROT_NONE), 0);
	ck_assert_int_eq(madvise(memory, PAGE, MADV_DONTNEED), 0);
	snapshot_dropped((uintptr_t)memory, PAGE);
	ck_assert_int_eq(mprotect(memory, PAGE, PROT_READ), 0);
	ck_assert(all(memory, PAGE, 0));
	ck_assert_int_eq(mprotect(memory + 5 * PAGE, PAGE, PROT_NONE), 0);
	ck_assert_int_eq(mprotect(memory + 6 * PAGE, PAGE, PROT_READ), 0);
	snapshot_release((uintptr_t)memory + 4 * PAGE, 4 * PAGE);
	write_by_kernel_fails(memory + 5 * PAGE);
	write_by_kernel_fails(memory + 6 * PAGE);
	ck_assert_int_eq(mprotect(memory + 5 * PAGE, 2 * PAGE, PROT_READ | PROT_WRITE), 0);
	moved = mremap(memory + 4 * PAGE, 4 * PAGE, 64 * PAGE, MREMAP_MAYMOVE);
	ck_assert_ptr_ne(moved, MAP_FAILED);
	ck_assert(moved[0] == 6 && all(moved + 1, 4 * PAGE - 1, 5));
	ck_assert(all(moved + 4 * PAGE, 60 * PAGE, 0));
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("snapshot");
	TCase *tcase = tcase_create("snapshot");

	tcase_add_checked_fixture(tcase, NULL, forget_snapshot);
	tcase_add_loop_test(tcase, what_was_written_once_is_restored_without_a_scan, 0, METHODS);
	/* Before 6.7 a fresh page that was just read may count as touched. */
	tcase_add_loop_test(tcase, reading_is_not_writing, 0, WATCHING - 1);
	tcase_add_loop_test(tcase, the_kernels_writes_are_seen, 0, METHODS);
	tcase_add_loop_test(tcase, watching_sees_a_write_that_was_taken_back, 0, WATCHING);
	tcase_add_test(tcase, comparing_asks_for_a_scan_after_each_schedule);
	tcase_add_loop_test(tcase, dropped_pages_are_found, 0, 3);
	tcase_add_loop_test(tcase, a_files_page_that_was_dropped_is_found, 0, 2);
	tcase_add_test(tcase, a_replaced_mapping_is_found);
	tcase_add_loop_test(tcase, a_region_is_restored_to_the_byte, 0, METHODS);
	tcase_add_loop_test(tcase, memory_that_was_never_touched_costs_no_copy, 0, METHODS - 1);
	tcase_add_test(tcase, shared_memory_is_restored_each_time);
	tcase_add_test(tcase, marked_pages_are_restored_and_void_the_batch);
	tcase_add_loop_test(tcase, large_fresh_ranges_are_zeroed_or_dropped, 0, METHODS);
	tcase_add_test(tcase, a_limit_saves_looking_where_nothing_was_touched);
	tcase_add_loop_test(tcase, adopted_memory_is_anonymous_to_the_program, 1, WATCHING);
	suite_add_tcase(suite, tcase);
	return suite;
}
