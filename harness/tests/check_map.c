/* SPDX-License-Identifier: Apache-2.0 */
/* The map against a plain array, with keys chosen to collide, and its promises about order. */
#include "check_main.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/rng.h"

static void *memory;
static struct map map;

static void make(uint32_t capacity)
{
	free(memory);
	memory = malloc(map_memory(capacity));
	ck_assert_ptr_nonnull(memory);
	memset(memory, 0x5a, map_memory(capacity));
	map_init(&map, memory, capacity);
}

static void teardown(void)
{
	free(memory);
	memory = NULL;
}

static void put(uint64_t key, uint64_t value)
{
	uint64_t *at = map_put(&map, key, NULL);

	ck_assert_ptr_nonnull(at);
	*at = value;
}

START_TEST(an_absent_key_is_null_and_a_fresh_one_starts_at_zero)
{
	bool fresh;

	make(4);
	ck_assert_ptr_null(map_get(&map, 0));
	ck_assert_uint_eq(*map_put(&map, 0, &fresh), 0);
	ck_assert(fresh);
	*map_put(&map, 0, &fresh) = 9;
	ck_assert(!fresh);
	ck_assert_uint_eq(*map_get(&map, 0), 9);
}
END_TEST

START_TEST(every_key_is_allowed)
{
	make(4);
	put(0, 1);
	put(UINT64_MAX, 2);
	ck_assert_uint_eq(*map_get(&map, 0), 1);
	ck_assert_uint_eq(*map_get(&map, UINT64_MAX), 2);
}
END_TEST

START_TEST(a_full_map_refuses_new_keys_and_keeps_the_old)
{
	make(3);
	for (uint64_t key = 0; key < 3; key++)
		put(key, key);
	ck_assert_ptr_null(map_put(&map, 3, NULL));
	ck_assert_ptr_nonnull(map_put(&map, 2, NULL));
	ck_assert(map_remove(&map, 0));
	ck_assert_ptr_nonnull(map_put(&map, 3, NULL));
}
END_TEST

START_TEST(a_map_of_no_capacity_is_always_full)
{
	make(0);
	ck_assert_ptr_null(map_get(&map, 1));
	ck_assert_ptr_null(map_put(&map, 1, NULL));
}
END_TEST

START_TEST(walking_shows_the_order_of_insertion)
{
	struct map_entry *entry;
	uint64_t expected = 1000;

	make(100);
	for (uint64_t i = 0; i < 100; i++)
		put(1000 - i * 10, i);
	map_for_each(entry, &map) {
		ck_assert_uint_eq(entry->key, expected);
		expected -= 10;
	}
}
END_TEST

START_TEST(removal_puts_the_last_entry_into_the_hole)
{
	make(4);
	for (uint64_t key = 0; key < 4; key++)
		put(key, key * 10);
	ck_assert(map_remove(&map, 1));
	ck_assert(!map_remove(&map, 1));
	ck_assert_uint_eq(map.count, 3);
	ck_assert_uint_eq(map.entries[1].key, 3);
	ck_assert_uint_eq(*map_get(&map, 3), 30);
}
END_TEST

START_TEST(a_map_agrees_with_an_array_through_random_operations)
{
	enum { KEYS = 64 };
	uint64_t expected[KEYS] = { 0 }; /* 0 is absent */
	uint32_t count = 0;
	struct rng rng;

	rng_seed(&rng, (uint64_t)_i);
	make(KEYS * 3 / 4);
	for (int step = 0; step < 10000; step++) {
		const uint32_t at = rng_below(&rng, KEYS);
		/* Multiples of a large power of two: many share their home slot. */
		const uint64_t key = (uint64_t)at << (_i * 8);
		const uint32_t what = rng_below(&rng, 1000);

		if (what == 0) {
			map_clear(&map);
			memset(expected, 0, sizeof(expected));
			count = 0;
		} else if (what < 500) {
			uint64_t *value = map_put(&map, key, NULL);

			ck_assert_int_eq(value == NULL, !expected[at] && count == map.capacity);
			if (value) {
				count += expected[at] == 0;
				expected[at] = *value = rng_next(&rng) | 1;
			}
		} else {
			ck_assert_int_eq(map_remove(&map, key), expected[at] != 0);
			count -= expected[at] != 0;
			expected[at] = 0;
		}
		ck_assert_uint_eq(map.count, count);
		/* Each assertion is a write to libcheck's pipe; a full comparison is 64 of them. */
		for (uint32_t i = 0; step % 50 == 0 && i < KEYS; i++) {
			const uint64_t *value = map_get(&map, (uint64_t)i << (_i * 8));

			ck_assert_uint_eq(value ? *value : 0, expected[i]);
		}
	}
}
END_TEST

START_TEST(a_cleared_map_is_as_good_as_new)
{
	make(1000);
	for (int round = 0; round < 10; round++) {
		for (uint64_t key = 0; key < 1000; key++)
			put(key * 8, key);
		map_clear(&map);
		for (uint32_t slot = 0; slot <= map.slot_mask; slot++)
			ck_assert_uint_eq(map.slots[slot], 0);
	}
}
END_TEST

START_TEST(a_capacity_beyond_the_limit_is_our_bug)
{
	map_memory(UINT32_MAX);
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("map");
	TCase *tcase = tcase_create("map");

	tcase_add_checked_fixture(tcase, NULL, teardown);
	tcase_add_test(tcase, an_absent_key_is_null_and_a_fresh_one_starts_at_zero);
	tcase_add_test(tcase, every_key_is_allowed);
	tcase_add_test(tcase, a_full_map_refuses_new_keys_and_keeps_the_old);
	tcase_add_test(tcase, a_map_of_no_capacity_is_always_full);
	tcase_add_test(tcase, walking_shows_the_order_of_insertion);
	tcase_add_test(tcase, removal_puts_the_last_entry_into_the_hole);
	tcase_add_loop_test(tcase, a_map_agrees_with_an_array_through_random_operations, 0, 6);
	tcase_add_test(tcase, a_cleared_map_is_as_good_as_new);
	tcase_add_test_raise_signal(tcase, a_capacity_beyond_the_limit_is_our_bug, SIGABRT);
	suite_add_tcase(suite, tcase);
	return suite;
}
