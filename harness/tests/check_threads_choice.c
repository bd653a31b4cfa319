/* SPDX-License-Identifier: Apache-2.0 */
#include "check_main.h"

#include "event/op.h"
#include "threads/choice.h"

#define POINTS 2000

static struct perturb_config config_of(uint32_t strategy, uint64_t seed)
{
	return (struct perturb_config){ .seed = seed,
					.strategy = strategy,
					.delay_ns = 100000,
					.budget_ns = 5000000,
					.points = 100 };
}

static struct choice_point point_at(unsigned n)
{
	return (struct choice_point){ .kind = n % 2 ? OP_MUTEX_LOCK : OP_MUTEX_UNLOCK,
				      .after = n / 2 % 2,
				      .place = n % 7 * 24 };
}

START_TEST(equal_seeds_and_lineages_choose_alike)
{
	const struct perturb_config config = config_of((uint32_t)_i, 7);
	struct choice a, b;

	choice_init(&a, &config, 3);
	choice_init(&b, &config, 3);
	for (unsigned n = 0; n < POINTS; n++) {
		const struct choice_point point = point_at(n);
		const struct choice_answer x = choice_at(&a, &point), y = choice_at(&b, &point);

		ck_assert_int_eq(x.act, y.act);
		ck_assert_uint_eq(x.delay_ns, y.delay_ns);
	}
}
END_TEST

/* The one to compare with has no budget: it is constant. */
START_TEST(delays_are_within_length_and_budget)
{
	for (uint64_t seed = 1; seed < 200; seed++) {
		const struct perturb_config config = config_of((uint32_t)_i, seed);
		uint64_t spent = 0;
		struct choice choice;

		choice_init(&choice, &config, 1000 + 7 * seed);
		for (unsigned n = 0; n < POINTS; n++) {
			const struct choice_point point = point_at(n);
			const struct choice_answer answer = choice_at(&choice, &point);

			if (answer.act != CHOICE_SLEEP)
				continue;
			ck_assert_uint_le(answer.delay_ns, config.delay_ns + 1);
			spent += answer.delay_ns;
		}
		ck_assert_uint_le(spent, config.budget_ns);
	}
}
END_TEST

/* Over seeds, each strategy holds somebody up; the native one nobody. */
START_TEST(every_strategy_but_native_perturbs)
{
	unsigned acts = 0;

	for (uint64_t seed = 1; seed < 50; seed++) {
		const struct perturb_config config = config_of((uint32_t)_i, seed);
		struct choice choice;

		choice_init(&choice, &config, 1000 + 7 * seed);
		for (unsigned n = 0; n < POINTS; n++) {
			const struct choice_point point = point_at(n);

			acts += choice_at(&choice, &point).act != CHOICE_GO_ON;
		}
	}
	if (_i == PERTURB_NATIVE)
		ck_assert_uint_eq(acts, 0);
	else
		ck_assert_uint_gt(acts, 20);
}
END_TEST

START_TEST(a_point_run_stands_still_at_most_three_times)
{
	unsigned all = 0;

	for (uint64_t lineage = 1; lineage < 200; lineage++) {
		const struct perturb_config config = config_of(PERTURB_POINT, 11);
		struct choice choice;
		unsigned sleeps = 0;

		choice_init(&choice, &config, lineage);
		for (unsigned n = 0; n < POINTS; n++) {
			const struct choice_point point = point_at(n);

			sleeps += choice_at(&choice, &point).act == CHOICE_SLEEP;
		}
		ck_assert_uint_le(sleeps, CHOICE_CHANGES_MAX);
		all += sleeps;
	}
	ck_assert_uint_gt(all, 199);
}
END_TEST

START_TEST(children_have_lineages_of_their_own)
{
	ck_assert_uint_ne(choice_child(0, 0), choice_child(0, 1));
	ck_assert_uint_ne(choice_child(choice_child(0, 0), 1), choice_child(choice_child(0, 1), 0));
	ck_assert_uint_ne(choice_child(5, 0), 0);
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("threads/choice");
	TCase *all = tcase_create("each strategy");
	TCase *one = tcase_create("choice");

	tcase_add_loop_test(all, equal_seeds_and_lineages_choose_alike, 0, PERTURB_STRATEGY_COUNT);
	tcase_add_loop_test(all, delays_are_within_length_and_budget, 0, PERTURB_SLEEPS);
	tcase_add_loop_test(all, every_strategy_but_native_perturbs, 0, PERTURB_STRATEGY_COUNT);
	tcase_add_test(one, a_point_run_stands_still_at_most_three_times);
	tcase_add_test(one, children_have_lineages_of_their_own);
	suite_add_tcase(suite, all);
	suite_add_tcase(suite, one);
	return suite;
}
