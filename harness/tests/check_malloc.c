/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The malloc family as the program sees it: this test program runs on it, libcheck included. What
 * POSIX and glibc say about results and errno, and that wrong frees are reported, not obeyed.
 */
#include "check_main.h"

#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/access/access.h"
#include "engine/lifetime.h"

/* The linker's names for the bounds of the code. */
extern char __executable_start, etext;

/* In place of the engine. */
static struct {
	int count, status;
	void *ptr, *site;
} wrong;

void engine_wrong_free(void *ptr, int heap_status, void *site)
{
	wrong.count++;
	wrong.status = heap_status;
	wrong.ptr = ptr;
	wrong.site = site;
}

/* volatile: a compiler knows that free() touches no variable of ours. */
static volatile struct {
	int count;
	const void *ptr, *site;
} last_freed;

void engine_freed(const void *ptr, const void *site)
{
	last_freed.count++;
	last_freed.ptr = ptr;
	last_freed.site = site;
}

/* No program is instrumented here. */
struct access_state access_state;

void access_allocated(uintptr_t address, size_t size, const void *site)
{
	(void)address;
	(void)size;
	(void)site;
}

void access_freed(uintptr_t address, size_t size, const void *site)
{
	access_allocated(address, size, site);
}

void access_mapped(uintptr_t address, size_t size)
{
	access_allocated(address, size, NULL);
}

/* The compiler may neither drop a call nor warn about what is tested here. */
static void *opaque(void *ptr)
{
	__asm__ volatile("" : "+r"(ptr));
	return ptr;
}

static size_t opaque_size(size_t size)
{
	__asm__ volatile("" : "+r"(size));
	return size;
}

START_TEST(the_family_serves_from_the_heap)
{
	void *blocks[] = { malloc(10),       calloc(3, 5),         realloc(NULL, 9),
			   memalign(64, 70), aligned_alloc(32, 8), valloc(3),
			   pvalloc(1),       strdup("libc's"),     reallocarray(NULL, 3, 4) };
	const size_t count = sizeof(blocks) / sizeof(blocks[0]);

	for (size_t i = 0; i < count; i++)
		ck_assert_int_eq(heap_check_pointer(blocks[i], NULL), HEAP_OK);
	ck_assert_uint_eq((uintptr_t)blocks[3] % 64, 0);
	ck_assert_uint_eq((uintptr_t)blocks[5] % 4096, 0);
	ck_assert_uint_eq((uintptr_t)blocks[6] % 4096, 0);
	ck_assert_uint_eq(malloc_usable_size(blocks[6]), 4096);
	for (size_t i = 0; i < count; i++)
		free(blocks[i]);
	for (size_t i = 0; i < count; i++)
		ck_assert_int_eq(heap_check_pointer(blocks[i], NULL), HEAP_FREED);
	ck_assert_int_eq(wrong.count, 0);
}
END_TEST

START_TEST(each_free_is_told_with_its_caller)
{
	/* Taken at once: the checks themselves allocate and free. */
	const int before = last_freed.count;
	void *block = opaque(malloc(10)), *moved = opaque(realloc(block, 100000));
	const int moving = last_freed.count;
	const void *left = last_freed.ptr;
	void *same = opaque(realloc(moved, 99999));
	const int staying = last_freed.count;
	int after;
	const void *ptr, *site;

	free(same);
	free(NULL);
	after = last_freed.count;
	ptr = last_freed.ptr;
	site = last_freed.site;
	ck_assert_int_eq(moving, before + 1);
	ck_assert_ptr_eq(left, block);
	ck_assert_int_eq(staying, before + 1);
	ck_assert_int_eq(after, before + 2);
	ck_assert_ptr_eq(ptr, moved);
	ck_assert((const char *)site > &__executable_start && (const char *)site < &etext);
}
END_TEST

START_TEST(success_and_free_leave_errno_alone)
{
	void *block;

	errno = 1234;
	block = opaque(malloc(10));
	block = opaque(realloc(block, 100000));
	free(block);
	free(opaque(calloc(10, 10)));
	free(NULL);
	ck_assert_int_eq(posix_memalign(&block, 3, 10), EINVAL);
	ck_assert_int_eq(posix_memalign(&block, opaque_size(4096), SIZE_MAX / 4), ENOMEM);
	ck_assert_int_eq(errno, 1234);
}
END_TEST

START_TEST(what_cannot_be_served_is_enomem)
{
	const size_t huge = opaque_size(SIZE_MAX / 2 + 2), half = opaque_size(SIZE_MAX / 2);
	void *kept = malloc(10);
	void *results[9];
	int errors[9];
	int i = 0;

#define TRY(call) (errno = 0, results[i] = opaque(call), errors[i] = errno, i++)
	TRY(malloc(huge));
	TRY(calloc(half, 3));
	TRY(calloc(1, huge));
	TRY(realloc(opaque(kept), huge));
	TRY(reallocarray(opaque(kept), half, 3));
	TRY(memalign(64, huge));
	TRY(aligned_alloc(64, huge));
	TRY(valloc(huge));
	TRY(pvalloc(opaque_size(SIZE_MAX)));
#undef TRY
	for (i = 0; i < 9; i++) {
		ck_assert_msg(results[i] == NULL, "call %d", i);
		ck_assert_msg(errors[i] == ENOMEM, "call %d: %d", i, errors[i]);
	}
	ck_assert_int_eq(heap_check_pointer(kept, NULL), HEAP_OK);
	errno = 0;
	ck_assert_ptr_null(memalign(opaque_size(SIZE_MAX / 2 + 2), 1));
	ck_assert_int_eq(errno, EINVAL);
	free(kept);
}
END_TEST

START_TEST(posix_memalign_refuses_odd_alignments_and_keeps_the_pointer)
{
	static const size_t odd[] = { 0, 1, 2, 4, 12, 24, 4097 };
	void *block = &wrong;

	ck_assert_int_eq(posix_memalign(&block, opaque_size(odd[_i]), 10), EINVAL);
	ck_assert_ptr_eq(block, &wrong);
	ck_assert_int_eq(posix_memalign(&block, 8, 0), 0);
	ck_assert_int_eq(heap_check_pointer(block, NULL), HEAP_OK);
	free(block);
}
END_TEST

START_TEST(nothing_is_a_block_of_its_own)
{
	void *one = opaque(malloc(0)), *two = opaque(malloc(0)), *three = opaque(calloc(0, 7));

	ck_assert(one && two && three && one != two && two != three);
	ck_assert_ptr_null(realloc(one, opaque_size(0)));
	ck_assert_int_eq(heap_check_pointer(one, NULL), HEAP_FREED);
	free(two);
	free(three);
	ck_assert_int_eq(wrong.count, 0);
}
END_TEST

START_TEST(wrong_frees_are_reported_with_their_site_and_do_nothing)
{
	char *block = malloc(100), *freed = opaque(malloc(200));
	char local;
	const struct {
		void *ptr;
		int status;
	} cases[] = { { block + 8, HEAP_INTERIOR },
		      { freed, HEAP_FREED },
		      { opaque(&local), HEAP_FOREIGN } };

	free(freed);
	for (int i = 0; i < 3; i++) {
		free(opaque(cases[i].ptr));
		ck_assert_int_eq(wrong.count, 2 * i + 1);
		ck_assert_int_eq(wrong.status, cases[i].status);
		ck_assert_ptr_eq(wrong.ptr, cases[i].ptr);
		ck_assert((char *)wrong.site > &__executable_start && (char *)wrong.site < &etext);
		errno = 0;
		ck_assert_ptr_null(realloc(opaque(cases[i].ptr), 50));
		ck_assert_int_eq(errno, ENOMEM);
		ck_assert_int_eq(wrong.count, 2 * i + 2);
		ck_assert_int_eq(wrong.status, cases[i].status);
	}
	ck_assert_int_eq(heap_check_pointer(block, NULL), HEAP_OK);
	ck_assert_int_eq(heap_check_pointer(freed, NULL), HEAP_FREED);
	free(block);
}
END_TEST

static bool refuse_above_99(size_t size)
{
	return size > 99;
}

START_TEST(the_hook_lets_allocations_of_the_program_fail)
{
	void *small, *engine, *block = NULL;

	heap_fail_hook = refuse_above_99;
	small = malloc(99);
	errno = 0;
	ck_assert_ptr_null(malloc(opaque_size(100)));
	ck_assert_int_eq(errno, ENOMEM);
	ck_assert_ptr_null(calloc(10, opaque_size(10)));
	ck_assert_ptr_null(realloc(opaque(small), opaque_size(100)));
	ck_assert_int_eq(posix_memalign(&block, 8, opaque_size(100)), ENOMEM);
	heap_select(HEAP_ENGINE);
	engine = malloc(100);
	heap_select(HEAP_PROGRAM);
	heap_fail_hook = NULL;
	ck_assert_ptr_nonnull(engine);
	ck_assert_uint_ge((uintptr_t)engine, HEAP_ENGINE_BASE);
	ck_assert_int_eq(heap_check_pointer(small, NULL), HEAP_OK);
	free(small);
	free(engine);
	ck_assert_int_eq(wrong.count, 0);
}
END_TEST

START_TEST(calloc_clears_memory_that_was_used_before)
{
	static const size_t sizes[] = { 1, 24, 500, 16000, 70000, 1000000 };
	const size_t size = sizes[_i];

	for (int i = 0; i < 50; i++) {
		unsigned char *block = opaque(calloc(1, size));

		for (size_t at = 0; at < size; at++)
			if (block[at] != 0)
				ck_abort_msg("byte %zu is %u", at, block[at]);
		memset(block, 0xaa, size);
		free(opaque(block));
	}
}
END_TEST

START_TEST(the_totals_count_what_is_live)
{
	const struct mallinfo2 before = mallinfo2();
	void *block = opaque(malloc(123456));
	const struct mallinfo2 after = mallinfo2();
	int ends[2];
	char text[400];
	ssize_t length;

	ck_assert_uint_eq(after.uordblks - before.uordblks, 123456);
	ck_assert_uint_ge(after.arena, after.uordblks);
	ck_assert_int_eq(malloc_trim(0), 0);
	ck_assert_int_eq(mallopt(M_MMAP_THRESHOLD, 1), 1);
	ck_assert_int_eq(pipe(ends), 0);
	ck_assert_int_eq(dup2(ends[1], 2), 2);
	malloc_stats();
	length = read(ends[0], text, sizeof(text) - 1);
	ck_assert_int_gt(length, 0);
	text[length] = '\0';
	ck_assert_ptr_nonnull(strstr(text, "in use bytes"));
	free(block);
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("malloc");
	TCase *tests = tcase_create("malloc");

	tcase_add_test(tests, the_family_serves_from_the_heap);
	tcase_add_test(tests, each_free_is_told_with_its_caller);
	tcase_add_test(tests, success_and_free_leave_errno_alone);
	tcase_add_test(tests, what_cannot_be_served_is_enomem);
	tcase_add_loop_test(tests, posix_memalign_refuses_odd_alignments_and_keeps_the_pointer, 0,
			    7);
	tcase_add_test(tests, nothing_is_a_block_of_its_own);
	tcase_add_test(tests, wrong_frees_are_reported_with_their_site_and_do_nothing);
	tcase_add_test(tests, the_hook_lets_allocations_of_the_program_fail);
	tcase_add_loop_test(tests, calloc_clears_memory_that_was_used_before, 0, 6);
	tcase_add_test(tests, the_totals_count_what_is_live);
	suite_add_tcase(suite, tests);
	return suite;
}
