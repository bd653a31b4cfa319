/* SPDX-License-Identifier: Apache-2.0 */
#include "check_main.h"

#include "base/rng.h"

/* From the authors' reference code: state 1, 2, 3, 4. */
START_TEST(the_stream_is_that_of_xoshiro256_starstar)
{
	static const uint64_t expected[] = { 11520, 0, 1509978240, 1215971899390074240ull };
	struct rng rng = { { 1, 2, 3, 4 } };

	for (int i = 0; i < 4; i++)
		ck_assert_uint_eq(rng_next(&rng), expected[i]);
}
END_TEST

/* The first outputs of splitmix64 from 1234567, as published with the reference code. */
START_TEST(the_seeding_is_that_of_splitmix64)
{
	static const uint64_t expected[] = { 6457827717110365317ull, 3203168211198807973ull,
					     9817491932198370423ull, 4593380528125082431ull };
	struct rng rng;

	rng_seed(&rng, 1234567);
	for (int i = 0; i < 4; i++)
		ck_assert_uint_eq(rng.s[i], expected[i]);
}
END_TEST

START_TEST(equal_seeds_give_equal_streams_and_others_do_not)
{
	struct rng a, b, c;
	int equal = 0;

	rng_seed(&a, 42);
	rng_seed(&b, 42);
	rng_seed(&c, 43);
	for (int i = 0; i < 1000; i++) {
		const uint64_t number = rng_next(&a);

		ck_assert_uint_eq(number, rng_next(&b));
		equal += number == rng_next(&c);
	}
	ck_assert_int_eq(equal, 0);
}
END_TEST

START_TEST(a_bounded_number_stays_below_its_bound)
{
	static const uint32_t bounds[] = { 1, 2, 3, 7, 1u << 31, (1u << 31) + 1, UINT32_MAX };
	struct rng rng;

	rng_seed(&rng, 1);
	for (int i = 0; i < 7; i++)
		for (int step = 0; step < 1000; step++)
			ck_assert_uint_lt(rng_below(&rng, bounds[i]), bounds[i]);
	ck_assert_uint_eq(rng_below(&rng, 0), 0);
}
END_TEST

/* Chi squared with 9 degrees of freedom; 27.9 is exceeded by chance once in a thousand seeds. */
START_TEST(a_bounded_number_is_uniform)
{
	enum { BOUND = 10, DRAWS = 100000 };
	int seen[BOUND] = { 0 };
	double chi_squared = 0;
	struct rng rng;

	rng_seed(&rng, 2026);
	for (int i = 0; i < DRAWS; i++)
		seen[rng_below(&rng, BOUND)]++;
	for (int i = 0; i < BOUND; i++) {
		const double off = seen[i] - DRAWS / (double)BOUND;

		chi_squared += off * off / (DRAWS / (double)BOUND);
	}
	ck_assert_double_lt(chi_squared, 27.9);
}
END_TEST

/* Three quarters of 2^32: plain scaling without rejection would favour every third value. */
START_TEST(a_large_bound_has_no_bias)
{
	enum { DRAWS = 300000 };
	int residues[3] = { 0 };
	struct rng rng;

	rng_seed(&rng, 5);
	for (int i = 0; i < DRAWS; i++)
		residues[rng_below(&rng, 0xc0000000u) % 3]++;
	for (int i = 0; i < 3; i++) {
		ck_assert_int_gt(residues[i], DRAWS / 3 - 1500);
		ck_assert_int_lt(residues[i], DRAWS / 3 + 1500);
	}
}
END_TEST

START_TEST(derived_streams_differ_from_each_other_and_between_seeds)
{
	enum { SEEDS = 30, STREAMS = SEEDS * SEEDS };
	uint64_t streams[STREAMS];
	int equal = 0;

	for (int i = 0; i < STREAMS; i++)
		streams[i] = rng_derive((uint64_t)i / SEEDS, (uint64_t)i % SEEDS);
	for (int i = 0; i < STREAMS; i++)
		for (int j = 0; j < i; j++)
			equal += streams[i] == streams[j];
	ck_assert_int_eq(equal, 0);
	ck_assert_uint_eq(streams[SEEDS + 2], rng_derive(1, 2));
}
END_TEST

START_TEST(the_unit_interval_excludes_one)
{
	struct rng rng;
	double sum = 0;
	int outside = 0;

	rng_seed(&rng, 3);
	for (int i = 0; i < 100000; i++) {
		const double unit = rng_unit(&rng);

		outside += unit < 0 || unit >= 1;
		sum += unit;
	}
	ck_assert_int_eq(outside, 0);
	ck_assert_double_gt(sum, 49500);
	ck_assert_double_lt(sum, 50500);
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("rng");
	TCase *tcase = tcase_create("rng");

	tcase_add_test(tcase, the_stream_is_that_of_xoshiro256_starstar);
	tcase_add_test(tcase, the_seeding_is_that_of_splitmix64);
	tcase_add_test(tcase, equal_seeds_give_equal_streams_and_others_do_not);
	tcase_add_test(tcase, a_bounded_number_stays_below_its_bound);
	tcase_add_test(tcase, a_bounded_number_is_uniform);
	tcase_add_test(tcase, a_large_bound_has_no_bias);
	tcase_add_test(tcase, derived_streams_differ_from_each_other_and_between_seeds);
	tcase_add_test(tcase, the_unit_interval_excludes_one);
	suite_add_tcase(suite, tcase);
	return suite;
}
