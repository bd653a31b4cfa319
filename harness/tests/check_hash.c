/* SPDX-License-Identifier: Apache-2.0 */
#include "check_main.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

static int compare_u64(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Event hashes are compared between processes and kept in files: the values may never change. */
START_TEST(the_values_are_fixed_for_good)
{
	ck_assert_uint_eq(hash_mix(0), 0);
	ck_assert_uint_eq(hash_mix(1), 0xd6e8feb8b0b1032bull);
	ck_assert_uint_eq(hash_fold(HASH_START, 1), 0x8d4d31bd7c55be02ull);
}
END_TEST

START_TEST(neighbouring_inputs_spread_over_a_small_table)
{
	unsigned int taken[1024] = { 0 };
	unsigned int most = 0;

	/* Page-aligned addresses, the worst common keys: four for each of 1,024 slots. */
	for (uint64_t i = 0; i < 4096; i++) {
		const unsigned int slot = hash_mix(0x100000000000ull + i * 4096) % 1024;

		if (++taken[slot] > most)
			most = taken[slot];
	}
	/* A random function fills its fullest slot with about 14. */
	ck_assert_uint_le(most, 24);
}
END_TEST

START_TEST(the_order_of_a_fold_matters)
{
	ck_assert_uint_ne(hash_fold(hash_fold(HASH_START, 1), 2),
			  hash_fold(hash_fold(HASH_START, 2), 1));
}
END_TEST

START_TEST(the_length_of_a_fold_of_zeros_matters)
{
	uint64_t hash = 0;

	for (int i = 0; i < 100; i++) {
		const uint64_t longer = hash_fold(hash, 0);

		ck_assert_uint_ne(longer, hash);
		hash = longer;
	}
}
END_TEST

/* All sequences of four small numbers: what schedules of four decisions look like. */
START_TEST(short_sequences_of_small_numbers_do_not_collide)
{
	enum { BASE = 24, COUNT = BASE * BASE * BASE * BASE };
	uint64_t *hashes = calloc(COUNT, sizeof(*hashes));
	unsigned int collisions = 0;

	ck_assert_ptr_nonnull(hashes);
	for (unsigned int i = 0; i < COUNT; i++) {
		uint64_t hash = HASH_START;

		for (unsigned int digits = i, d = 0; d < 4; d++, digits /= BASE)
			hash = hash_fold(hash, digits % BASE);
		hashes[i] = hash;
	}
	qsort(hashes, COUNT, sizeof(*hashes), compare_u64);
	for (unsigned int i = 1; i < COUNT; i++)
		collisions += hashes[i - 1] == hashes[i];
	ck_assert_uint_eq(collisions, 0);
	free(hashes);
}
END_TEST

START_TEST(bytes_hash_by_content_and_length)
{
	ck_assert_uint_eq(hash_bytes(1, "abc", 3), hash_bytes(1, "abcd", 3));
	ck_assert_uint_ne(hash_bytes(1, "abc", 3), hash_bytes(1, "abd", 3));
	ck_assert_uint_ne(hash_bytes(1, "a\0", 1), hash_bytes(1, "a\0", 2));
	ck_assert_uint_ne(hash_bytes(1, "", 0), hash_bytes(2, "", 0));
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("hash");
	TCase *tcase = tcase_create("hash");

	tcase_add_test(tcase, the_values_are_fixed_for_good);
	tcase_add_test(tcase, neighbouring_inputs_spread_over_a_small_table);
	tcase_add_test(tcase, the_order_of_a_fold_matters);
	tcase_add_test(tcase, the_length_of_a_fold_of_zeros_matters);
	tcase_add_test(tcase, short_sequences_of_small_numbers_do_not_collide);
	tcase_add_test(tcase, bytes_hash_by_content_and_length);
	suite_add_tcase(suite, tcase);
	return suite;
}
