/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every strategy must do, in a world of scripts: end each spin loop, give the same schedule
 * for the same seed, choose only among candidates (the world aborts otherwise), and be replayed
 * exactly by its recorded answers.
 */
#include "check_main.h"

#include <stdlib.h>
#include <string.h>

#include "sched/fair.h"
#include "sched_world.h"

#define STEP_BOUND 150000

static const char *const specs[] = { "auto",  "random", "sticky", "pct",     "pct:1", "pct:2",
				     "pct:5", "pos",    "delay",  "delay:0", "rare" };

#define SPEC_COUNT ((int)(sizeof(specs) / sizeof(specs[0])))

static const struct sim_line set_0_after_work[] = {
	{ SIM_LOCK, 9, 0 }, { SIM_WRITE, 8, 0 }, { SIM_UNLOCK, 9, 0 }, { SIM_SET, 0, 0 }, END
};
static const struct sim_line yields_for_0[] = { { SIM_YIELD_UNTIL, 0, 0 },
						{ SIM_WRITE, 8, 0 },
						END };
static const struct sim_line sleeps_for_0[] = { { SIM_SLEEP_UNTIL, 0, 0 }, END };
static const struct sim_line polls_for_0[] = { { SIM_POLL_UNTIL, 5, 0 }, END };
static const struct sim_line clock_then_set_0[] = { { SIM_CLOCK_UNTIL, 0, 20 },
						    { SIM_SET, 0, 0 },
						    END };
static const struct sim_line holds_7[] = {
	{ SIM_LOCK, 7, 0 }, { SIM_WRITE, 8, 0 }, { SIM_WRITE, 8, 0 }, { SIM_UNLOCK, 7, 0 }, END
};
static const struct sim_line tries_7[] = {
	{ SIM_TRY_UNTIL, 7, 0 }, { SIM_WRITE, 8, 0 }, { SIM_UNLOCK, 7, 0 }, END
};
static const struct sim_line timed_7[] = {
	{ SIM_TIMED_UNTIL, 7, 0 }, { SIM_WRITE, 8, 0 }, { SIM_UNLOCK, 7, 0 }, END
};
static const struct sim_line holds_7_until_0[] = {
	{ SIM_LOCK, 7, 0 }, { SIM_YIELD_UNTIL, 0, 0 }, { SIM_UNLOCK, 7, 0 }, END
};
static const struct sim_line locks_7[] = {
	{ SIM_LOCK, 7, 0 }, { SIM_WRITE, 8, 0 }, { SIM_UNLOCK, 7, 0 }, END
};

static const struct {
	const char *name;
	struct sim_program program;
} programs[] = {
	{ "one yields", { 2, { yields_for_0, set_0_after_work } } },
	{ "three yield", { 4, { yields_for_0, yields_for_0, yields_for_0, set_0_after_work } } },
	{ "two try a lock that is held", { 3, { tries_7, holds_7, tries_7 } } },
	{ "all wait for one behind a lock",
	  { 4, { tries_7, locks_7, holds_7_until_0, set_0_after_work } } },
	{ "sleepers", { 3, { sleeps_for_0, sleeps_for_0, set_0_after_work } } },
	{ "timed locks", { 3, { timed_7, holds_7, timed_7 } } },
	{ "timed locks behind a spinner", { 3, { timed_7, holds_7_until_0, set_0_after_work } } },
	{ "a poll by plain lock and unlock", { 2, { polls_for_0, set_0_after_work } } },
	{ "three such polls", { 4, { polls_for_0, polls_for_0, polls_for_0, set_0_after_work } } },
	{ "a clock reader and a sleeper", { 3, { clock_then_set_0, sleeps_for_0, holds_7 } } },
	{ "all kinds",
	  { 6, { yields_for_0, sleeps_for_0, polls_for_0, tries_7, holds_7, set_0_after_work } } },
};

#define PROGRAM_COUNT ((int)(sizeof(programs) / sizeof(programs[0])))

/* Every pair of a strategy and a program is one test. */
START_TEST(every_spin_loop_ends_under_every_strategy)
{
	const char *spec = specs[_i / PROGRAM_COUNT];
	const struct sim_program *program = &programs[_i % PROGRAM_COUNT].program;
	const struct sched_strategy *strategy = sched_open(spec, sim_state(0));

	for (uint64_t number = 0; number < 300; number++) {
		struct sched_begin begin = sim_begin(11, number);
		const struct sim_run *run;

		begin.learned.steps_max = number % 2 ? 40 : 0;
		run = sim_run(strategy, sim_state(0), program, &begin, STEP_BOUND, false);
		ck_assert_msg(run->ended, "%s: '%s' did not end in schedule %d", spec,
			      programs[_i % PROGRAM_COUNT].name, (int)number);
	}
}
END_TEST

START_TEST(recorded_answers_replay_the_same_schedule)
{
	static struct sim_run original;
	const char *spec = specs[_i / PROGRAM_COUNT];
	const struct sim_program *program = &programs[_i % PROGRAM_COUNT].program;
	const struct sched_strategy *strategy = sched_open(spec, sim_state(0));
	const struct sched_strategy *replay = sched_open("replay", sim_state(1));

	for (uint64_t number = 0; number < 40; number++) {
		const struct sched_begin begin = sim_begin(12, number);
		const struct sim_run *run;

		original = *sim_run(strategy, sim_state(0), program, &begin, STEP_BOUND, false);
		sched_replay_load(sim_state(1), original.answers, original.answer_count, NULL, 0);
		run = sim_run(replay, sim_state(1), program, &begin, STEP_BOUND, true);
		ck_assert_uint_eq(sched_replay_diverged(sim_state(1)), UINT32_MAX);
		ck_assert_uint_eq(run->steps, original.steps);
		ck_assert_mem_eq(run->order, original.order, run->steps * sizeof(run->order[0]));
		ck_assert_uint_eq(run->rejections, original.rejections);
		ck_assert_uint_eq(run->clock_moves, original.clock_moves);
	}
}
END_TEST

START_TEST(a_schedule_depends_on_its_seed_and_number_alone)
{
	static struct sim_run alone;
	const struct sim_program *program = &programs[PROGRAM_COUNT - 1].program;
	const struct sched_strategy *strategy = sched_open(specs[_i], sim_state(0));
	unsigned different = 0;

	for (uint64_t number = 0; number < 50; number++) {
		const struct sched_begin begin = sim_begin(13, number);
		const struct sched_strategy *fresh = sched_open(specs[_i], sim_state(1));
		const struct sim_run *run;

		/* Once in a state that made all the schedules before, once in a fresh one. */
		const uint32_t steps_before = alone.steps;

		alone = *sim_run(fresh, sim_state(1), program, &begin, STEP_BOUND, false);
		run = sim_run(strategy, sim_state(0), program, &begin, STEP_BOUND, false);
		ck_assert_uint_eq(run->answer_count, alone.answer_count);
		ck_assert_mem_eq(run->answers, alone.answers,
				 run->answer_count * sizeof(run->answers[0]));
		different += alone.steps != steps_before;
	}
	ck_assert_uint_gt(different, 10);
}
END_TEST

START_TEST(one_schedule_in_four_lets_a_spinner_spin_on)
{
	static struct fair fair;
	unsigned patient = 0;

	for (uint64_t number = 0; number < 1000; number++) {
		const struct sched_begin begin = sim_begin(14, number);

		fair_begin_drawn(&fair, &begin);
		ck_assert(fair.patience == FAIR_PATIENCE ||
			  fair.patience == FAIR_PATIENCE * FAIR_PATIENT_MORE);
		patient += fair.patience != FAIR_PATIENCE;
	}
	ck_assert_uint_gt(patient, 1000 / FAIR_PATIENT_ODDS - 50);
	ck_assert_uint_lt(patient, 1000 / FAIR_PATIENT_ODDS + 50);
}
END_TEST

START_TEST(every_state_fits_and_is_small_enough_to_reset_often)
{
	for (const struct sched_strategy *const *entry = sched_registry; *entry; entry++) {
		ck_assert_uint_le((*entry)->state_size, SCHED_STATE_MAX);
		ck_assert_uint_gt((*entry)->state_size, 0);
	}
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("sched_fair");
	TCase *tcase = tcase_create("every strategy");

	tcase_add_loop_test(tcase, every_spin_loop_ends_under_every_strategy, 0,
			    SPEC_COUNT * PROGRAM_COUNT);
	tcase_add_loop_test(tcase, recorded_answers_replay_the_same_schedule, 0,
			    SPEC_COUNT * PROGRAM_COUNT);
	tcase_add_loop_test(tcase, a_schedule_depends_on_its_seed_and_number_alone, 0, SPEC_COUNT);
	tcase_add_test(tcase, one_schedule_in_four_lets_a_spinner_spin_on);
	tcase_add_test(tcase, every_state_fits_and_is_small_enough_to_reset_often);
	suite_add_tcase(suite, tcase);
	return suite;
}
