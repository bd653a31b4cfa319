/* SPDX-License-Identifier: Apache-2.0 */
#include "check_main.h"

#include <signal.h>
#include <string.h>

#include "base/arena.h"

static _Alignas(16) unsigned char memory[256];
static struct arena arena;

static void setup(void)
{
	memset(memory, 0xaa, sizeof(memory));
	arena_init(&arena, memory, sizeof(memory));
}

START_TEST(allocations_follow_each_other_aligned)
{
	unsigned char *first = arena_alloc(&arena, 3, 1);
	unsigned char *second = arena_alloc(&arena, 8, 8);
	unsigned char *third = arena_alloc(&arena, 1, 64);

	ck_assert_ptr_eq(first, memory);
	ck_assert_ptr_eq(second, memory + 8);
	ck_assert_uint_eq((uintptr_t)third % 64, 0);
	ck_assert_uint_ge((uintptr_t)third, (uintptr_t)(second + 8));
}
END_TEST

START_TEST(alignment_is_of_the_address_when_the_memory_is_not_aligned)
{
	arena_init(&arena, memory + 1, 64);
	ck_assert_uint_eq((uintptr_t)arena_alloc(&arena, 4, 16) % 16, 0);
}
END_TEST

START_TEST(a_full_arena_returns_null_and_stays_as_it_is)
{
	ck_assert_ptr_nonnull(arena_alloc(&arena, 250, 1));
	ck_assert_ptr_null(arena_alloc(&arena, 7, 1));
	ck_assert_ptr_null(arena_alloc(&arena, 1, 256));
	ck_assert_ptr_null(arena_alloc(&arena, SIZE_MAX, 1));
	ck_assert_ptr_nonnull(arena_alloc(&arena, 6, 1));
	ck_assert_uint_eq(arena_mark(&arena), sizeof(memory));
}
END_TEST

START_TEST(a_release_gives_the_same_memory_again)
{
	const size_t mark = (arena_alloc(&arena, 10, 1), arena_mark(&arena));
	void *first = arena_alloc(&arena, 100, 8);

	arena_release(&arena, mark);
	ck_assert_ptr_eq(arena_alloc(&arena, 100, 8), first);
	ck_assert_uint_ge(arena.used_max, 110);
}
END_TEST

START_TEST(zeroed_memory_is_zero_after_a_release_too)
{
	unsigned char *bytes = arena_alloc_zeroed(&arena, 64, 1);
	unsigned int *words;

	memset(bytes, 0xff, 64);
	arena_release(&arena, 0);
	words = arena_new(&arena, unsigned int, 16);
	for (int i = 0; i < 16; i++)
		ck_assert_uint_eq(words[i], 0);
}
END_TEST

START_TEST(an_array_whose_size_overflows_is_refused)
{
	ck_assert_ptr_null(arena_alloc_array(&arena, SIZE_MAX / 2, 4, 4));
}
END_TEST

START_TEST(a_mapped_arena_may_be_huge_and_stands_where_it_was_asked_for)
{
	void *const place = (void *)0x2a0000000000;
	struct arena second;

	ck_assert_int_eq(arena_map(&arena, place, 1ul << 33), 0);
	ck_assert_ptr_eq(arena.base, place);
	ck_assert_int_eq(*(char *)arena_alloc(&arena, 1ul << 32, 4096), 0);
	ck_assert_int_lt(arena_map(&second, place, 4096), 0);
	arena_unmap(&arena);
	ck_assert_int_eq(arena_map(&second, place, 4096), 0);
	arena_unmap(&second);
}
END_TEST

START_TEST(releasing_upwards_is_our_bug)
{
	arena_release(&arena, 1);
}
END_TEST

START_TEST(an_alignment_that_is_no_power_of_two_is_our_bug)
{
	arena_alloc(&arena, 1, 3);
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("arena");
	TCase *tcase = tcase_create("arena");

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_test(tcase, allocations_follow_each_other_aligned);
	tcase_add_test(tcase, alignment_is_of_the_address_when_the_memory_is_not_aligned);
	tcase_add_test(tcase, a_full_arena_returns_null_and_stays_as_it_is);
	tcase_add_test(tcase, a_release_gives_the_same_memory_again);
	tcase_add_test(tcase, zeroed_memory_is_zero_after_a_release_too);
	tcase_add_test(tcase, an_array_whose_size_overflows_is_refused);
	tcase_add_test(tcase, a_mapped_arena_may_be_huge_and_stands_where_it_was_asked_for);
	tcase_add_test_raise_signal(tcase, releasing_upwards_is_our_bug, SIGABRT);
	tcase_add_test_raise_signal(tcase, an_alignment_that_is_no_power_of_two_is_our_bug,
				    SIGABRT);
	suite_add_tcase(suite, tcase);
	return suite;
}
