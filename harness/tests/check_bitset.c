/* SPDX-License-Identifier: Apache-2.0 */
/* The bit set against an array of booleans, at sizes around the word border. */
#include "check_main.h"

#include <string.h>

#include "base/bitset.h"
#include "base/rng.h"

static const struct {
	const char *name;
	uint32_t bits;
} sizes[] = {
	{ "one bit", 1 },         { "a word less one", 63 }, { "a word", 64 },
	{ "a word and one", 65 }, { "two words", 128 },      { "an odd size", 1000 },
};
#define SIZES ((int)(sizeof(sizes) / sizeof(sizes[0])))

START_TEST(a_set_agrees_with_an_array_of_booleans)
{
	const uint32_t bits = sizes[_i].bits;
	uint64_t words[BITSET_WORDS(1000)] = { 0 };
	bool expected[1000] = { false };
	struct rng rng;

	rng_seed(&rng, 7);
	for (int step = 0; step < 2000; step++) {
		const uint32_t bit = rng_below(&rng, bits);
		uint32_t count = 0, at = 0;

		if (rng_below(&rng, 2)) {
			bitset_add(words, bit);
			expected[bit] = true;
		} else {
			bitset_remove(words, bit);
			expected[bit] = false;
		}
		/* Each assertion is a write to libcheck's pipe: not after every step. */
		if (step % 50 != 0)
			continue;
		for (uint32_t i = 0; i < bits; i++) {
			ck_assert_int_eq(bitset_has(words, i), expected[i]);
			count += expected[i];
		}
		ck_assert_uint_eq(bitset_count(words, bits), count);
		ck_assert_int_eq(bitset_empty(words, bits), count == 0);
		bitset_for_each(at, words, bits) {
			ck_assert(expected[at]);
			count--;
		}
		ck_assert_uint_eq(count, 0);
		ck_assert_uint_eq(at, bits);
	}
	bitset_clear(words, bits);
	ck_assert(bitset_empty(words, bits));
}
END_TEST

START_TEST(the_next_member_may_be_in_a_later_word_or_nowhere)
{
	uint64_t words[BITSET_WORDS(300)] = { 0 };

	bitset_add(words, 5);
	bitset_add(words, 290);
	ck_assert_uint_eq(bitset_next(words, 300, 0), 5);
	ck_assert_uint_eq(bitset_next(words, 300, 5), 5);
	ck_assert_uint_eq(bitset_next(words, 300, 6), 290);
	ck_assert_uint_eq(bitset_next(words, 300, 291), 300);
	ck_assert_uint_eq(bitset_next(words, 300, 300), 300);
	ck_assert_uint_eq(bitset_next(words, 300, 5000), 300);
}
END_TEST

START_TEST(bits_beyond_the_size_are_not_members)
{
	uint64_t words[1] = { 1ull << 40 };

	ck_assert_uint_eq(bitset_next(words, 33, 0), 33);
	ck_assert(bitset_empty(words, 33));
}
END_TEST

START_TEST(union_intersection_and_disjointness)
{
	uint64_t odd[2] = { 0 }, even[2] = { 0 }, both[2] = { 0 };

	for (uint32_t i = 0; i < 100; i++)
		bitset_add(i % 2 ? odd : even, i);
	ck_assert(bitset_disjoint(odd, even, 100));
	bitset_unite(both, odd, 100);
	bitset_unite(both, even, 100);
	ck_assert_uint_eq(bitset_count(both, 100), 100);
	ck_assert(!bitset_disjoint(both, even, 100));
	bitset_intersect(both, odd, 100);
	ck_assert_mem_eq(both, odd, sizeof(odd));
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("bitset");
	TCase *tcase = tcase_create("bitset");

	tcase_add_loop_test(tcase, a_set_agrees_with_an_array_of_booleans, 0, SIZES);
	tcase_add_test(tcase, the_next_member_may_be_in_a_later_word_or_nowhere);
	tcase_add_test(tcase, bits_beyond_the_size_are_not_members);
	tcase_add_test(tcase, union_intersection_and_disjointness);
	suite_add_tcase(suite, tcase);
	return suite;
}
