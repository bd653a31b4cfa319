/* SPDX-License-Identifier: Apache-2.0 */
/* Opening strategies by name, the portfolio, and replays that do not fit. */
#include "check_main.h"

#include <string.h>

#include "sched_world.h"

static const struct sim_line some[] = {
	{ SIM_LOCK, 1, 0 }, { SIM_WRITE, 2, 0 }, { SIM_UNLOCK, 1, 0 }, END
};
static const struct sim_program three = { 3, { some, some, some } };

START_TEST(every_registered_name_opens_and_says_what_it_is)
{
	for (const struct sched_strategy *const *entry = sched_registry; *entry; entry++) {
		ck_assert_ptr_eq(sched_open((*entry)->name, sim_state(0)), *entry);
		ck_assert_uint_gt(strlen((*entry)->summary), 10);
		ck_assert_uint_gt(strlen((*entry)->reference), 3);
	}
}
END_TEST

START_TEST(a_wrong_name_or_argument_opens_nothing)
{
	static const char *const bad[] = { "",         "auto:", "auto:3", "random:1", "rando",
					   "randomly", "pos:2", ":",      "RANDOM" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(sched_open(bad[i], sim_state(0)) == NULL, "'%s' was accepted",
			      bad[i]);
}
END_TEST

START_TEST(auto_says_who_made_a_schedule_and_that_one_makes_the_same)
{
	static struct sim_run by_auto;
	const struct sched_strategy *strategy = sched_open("auto", sim_state(0));
	bool pct = false, sticky = false, pos = false, walk = false;

	for (uint64_t number = 0; number < 64; number++) {
		const struct sched_begin begin = sim_begin(31, number);
		const struct sched_strategy *member;
		const struct sim_run *run;
		const char *name;

		by_auto = *sim_run(strategy, sim_state(0), &three, &begin, 1000, false);
		name = strategy->made_by(sim_state(0));
		member = sched_open(name, sim_state(1));
		ck_assert_msg(member != NULL, "%s does not open", name);
		run = sim_run(member, sim_state(1), &three, &begin, 1000, false);
		ck_assert_uint_eq(run->answer_count, by_auto.answer_count);
		ck_assert_mem_eq(run->answers, by_auto.answers,
				 run->answer_count * sizeof(run->answers[0]));
		pct |= strncmp(name, "pct", 3) == 0;
		sticky |= strcmp(name, "sticky") == 0;
		pos |= strcmp(name, "pos") == 0;
		walk |= strcmp(name, "random") == 0;
	}
	ck_assert(pct && sticky && pos && walk);
}
END_TEST

START_TEST(the_delegate_of_auto_is_the_one_that_it_names)
{
	const struct sched_strategy *strategy = sched_open("auto", sim_state(0));

	for (uint64_t number = 0; number < 16; number++) {
		const struct sched_begin begin = sim_begin(32, number);
		const struct sched_strategy *member;
		void *sub_state = NULL;

		strategy->begin(sim_state(0), &begin);
		member = strategy->delegate(sim_state(0), &sub_state);
		ck_assert_ptr_nonnull(sub_state);
		ck_assert_ptr_eq(member, sched_open(strategy->made_by(sim_state(0)), sim_state(1)));
	}
}
END_TEST

START_TEST(a_replay_of_another_program_says_where_it_diverged)
{
	static const thread_id wanted[] = { 0, 0, 7, 1, 1, 1, 1 };
	const struct sched_strategy *replay = sched_open("replay", sim_state(0));
	const struct sched_begin begin = sim_begin(33, 0);
	const struct sim_run *run;

	sched_replay_load(sim_state(0), wanted, 7, NULL, 0);
	run = sim_run(replay, sim_state(0), &three, &begin, 1000, true);
	ck_assert(run->ended);
	ck_assert_uint_eq(sched_replay_diverged(sim_state(0)), 2);
	ck_assert_uint_eq(run->order[2], 0);
}
END_TEST

START_TEST(a_replay_past_its_end_goes_on_with_the_lowest_thread)
{
	static const thread_id wanted[] = { 2, 2, 2, 2 };
	const struct sched_strategy *replay = sched_open("replay", sim_state(0));
	const struct sched_begin begin = sim_begin(34, 0);
	const struct sim_run *run;

	sched_replay_load(sim_state(0), wanted, 4, NULL, 0);
	run = sim_run(replay, sim_state(0), &three, &begin, 1000, true);
	ck_assert(run->ended);
	ck_assert_uint_eq(sched_replay_diverged(sim_state(0)), 4);
	ck_assert_uint_eq(run->order[4], 0);
	ck_assert_uint_eq(run->order[8], 1);
}
END_TEST

START_TEST(a_schedule_that_ends_before_its_record_has_diverged)
{
	static const thread_id wanted[] = { 0 };
	static thread_id many[1000];
	const struct sched_strategy *replay = sched_open("replay", sim_state(0));
	const struct sched_begin begin = sim_begin(34, 0);
	uint32_t steps;

	sched_replay_load(sim_state(0), wanted, 1, NULL, 0);
	steps = sim_run(replay, sim_state(0), &three, &begin, 1000, true)->steps;
	ck_assert_uint_lt(steps, 1000);
	for (uint32_t i = 0; i < steps; i++)
		many[i] = sim_run(replay, sim_state(0), &three, &begin, 1000, true)->order[i];
	for (uint32_t count = steps; count <= steps + 2; count++) {
		sched_replay_load(sim_state(0), many, count, NULL, 0);
		sim_run(replay, sim_state(0), &three, &begin, 1000, true);
		ck_assert_uint_eq(sched_replay_diverged(sim_state(0)),
				  count == steps ? UINT32_MAX : steps);
	}
}
END_TEST

START_TEST(replayed_values_come_back_in_order_and_within_bounds)
{
	static const uint32_t values[] = { 3, 0, 9 };
	const struct sched_strategy *replay = sched_open("replay", sim_state(0));
	const struct sched_begin begin = sim_begin(35, 0);

	sched_replay_load(sim_state(0), NULL, 0, values, 3);
	replay->begin(sim_state(0), &begin);
	ck_assert_uint_eq(replay->choose_value(sim_state(0), 0, 4), 3);
	ck_assert_uint_eq(replay->choose_value(sim_state(0), 0, 2), 0);
	ck_assert_uint_eq(sched_replay_diverged(sim_state(0)), UINT32_MAX);
	ck_assert_uint_eq(replay->choose_value(sim_state(0), 0, 5), 0);
	ck_assert_uint_eq(sched_replay_diverged(sim_state(0)), 0);
}
END_TEST

START_TEST(a_replay_can_be_begun_again)
{
	static const thread_id wanted[] = { 1, 1, 0 };
	const struct sched_strategy *replay = sched_open("replay", sim_state(0));
	const struct sched_begin begin = sim_begin(36, 0);

	sched_replay_load(sim_state(0), wanted, 3, NULL, 0);
	for (int i = 0; i < 2; i++) {
		const struct sim_run *run =
			sim_run(replay, sim_state(0), &three, &begin, 1000, true);

		ck_assert_uint_eq(run->order[0], 1);
		ck_assert_uint_eq(sched_replay_diverged(sim_state(0)), 2);
	}
}
END_TEST

START_TEST(spin_loops_end_even_when_the_replay_has_nothing_left_to_follow)
{
	static const struct sim_line spins[] = { { SIM_YIELD_UNTIL, 0, 0 }, END };
	static const struct sim_line sets[] = { { SIM_WRITE, 1, 0 }, { SIM_SET, 0, 0 }, END };
	static const struct sim_program program = { 3, { spins, spins, sets } };
	const struct sched_strategy *replay = sched_open("replay", sim_state(0));
	const struct sched_begin begin = sim_begin(37, 0);

	sched_replay_load(sim_state(0), NULL, 0, NULL, 0);
	ck_assert(sim_run(replay, sim_state(0), &program, &begin, 1000, true)->ended);
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("sched_registry");
	TCase *tcase = tcase_create("registry");

	tcase_add_test(tcase, every_registered_name_opens_and_says_what_it_is);
	tcase_add_test(tcase, a_wrong_name_or_argument_opens_nothing);
	tcase_add_test(tcase, auto_says_who_made_a_schedule_and_that_one_makes_the_same);
	tcase_add_test(tcase, the_delegate_of_auto_is_the_one_that_it_names);
	suite_add_tcase(suite, tcase);
	tcase = tcase_create("replay");
	tcase_add_test(tcase, a_replay_of_another_program_says_where_it_diverged);
	tcase_add_test(tcase, a_replay_past_its_end_goes_on_with_the_lowest_thread);
	tcase_add_test(tcase, a_schedule_that_ends_before_its_record_has_diverged);
	tcase_add_test(tcase, replayed_values_come_back_in_order_and_within_bounds);
	tcase_add_test(tcase, a_replay_can_be_begun_again);
	tcase_add_test(tcase, spin_loops_end_even_when_the_replay_has_nothing_left_to_follow);
	suite_add_tcase(suite, tcase);
	return suite;
}
