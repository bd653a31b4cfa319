/* SPDX-License-Identifier: Apache-2.0 */
/* POS: where it beats the walk, as its paper says, and that priorities are redrawn only at
 * conflicts. */
#include "check_main.h"

#include <string.h>

#include "sched_world.h"

static uint32_t hits_of(const char *spec, const struct sim_program *program, uint32_t schedules,
			bool (*hit)(const struct sim_run *))
{
	const struct sched_strategy *strategy = sched_open(spec, sim_state(0));
	uint32_t hits = 0;

	for (uint64_t number = 0; number < schedules; number++) {
		const struct sched_begin begin = sim_begin(21, number);

		hits += hit(sim_run(strategy, sim_state(0), program, &begin, 10000, false));
	}
	return hits;
}

/* Thread 1 acts on the shared object only after thread 0, which has ten private steps to do first.
 */
static const struct sim_line private_then_shared[] = { TEN({ .kind = SIM_WRITE, .object = 5 }),
						       { SIM_MARK, 0, 0 },
						       END };
static const struct sim_line shared_at_once[] = { { SIM_MARK, 0, 0 }, END };

static bool slow_one_was_first(const struct sim_run *run)
{
	return run->seen[0] == 1;
}

START_TEST(a_thread_stands_still_through_n_steps_with_odds_of_1_in_n)
{
	static const struct sim_program program = { 2, { private_then_shared, shared_at_once } };
	const uint32_t pos = hits_of("pos", &program, 20000, slow_one_was_first);
	const uint32_t walk = hits_of("random", &program, 20000, slow_one_was_first);

	/* 1/12 against 2^-11 */
	ck_assert_uint_gt(pos, 20000 / 14);
	ck_assert_uint_lt(pos, 20000 / 10);
	ck_assert_uint_lt(walk, 20000 / 1000);
}
END_TEST

/*
 * Two threads of five conflicting writes each have C(10,5) = 252 orders. At a conflict both draw
 * anew, so that on one shared object POS is the uniform walk: each of the two goes first with odds
 * of one half, whatever happened before.
 */
static const struct sim_line five_shared[] = { { SIM_WRITE, 0, 0 }, { SIM_WRITE, 0, 0 },
					       { SIM_WRITE, 0, 0 }, { SIM_WRITE, 0, 0 },
					       { SIM_WRITE, 0, 0 }, END };

START_TEST(conflicting_operations_are_walked_uniformly)
{
	static const struct sim_program program = { 2, { five_shared, five_shared } };
	const struct sched_strategy *strategy = sched_open("pos", sim_state(0));
	uint32_t turns[5] = { 0 }, asked = 0;

	for (uint64_t number = 0; number < 4000; number++) {
		const struct sched_begin begin = sim_begin(22, number);
		const struct sim_run *run =
			sim_run(strategy, sim_state(0), &program, &begin, 100, false);

		for (int i = 0; i < 4; i++)
			turns[i] += run->order[i] != run->order[i + 1];
		asked++;
	}
	for (int i = 0; i < 4; i++) {
		ck_assert_uint_gt(turns[i], asked / 2 - asked / 20);
		ck_assert_uint_lt(turns[i], asked / 2 + asked / 20);
	}
}
END_TEST

static const struct sim_line five_reads[] = { { SIM_READ, 0, 0 }, { SIM_READ, 0, 0 },
					      { SIM_READ, 0, 0 }, { SIM_READ, 0, 0 },
					      { SIM_READ, 0, 0 }, END };

static bool first_ran_through(const struct sim_run *run)
{
	for (int i = 0; i < 6; i++)
		if (run->order[i] != 0)
			return false;
	return true;
}

/* The same threads, only reading: nothing was decided, so the waiting one keeps its number and
 * either runs through more often. */
START_TEST(reads_of_one_object_do_not_conflict)
{
	static const struct sim_program writes = { 2, { five_shared, five_shared } };
	static const struct sim_program reads = { 2, { five_reads, five_reads } };
	const uint32_t of_writes = hits_of("pos", &writes, 8000, first_ran_through);
	const uint32_t of_reads = hits_of("pos", &reads, 8000, first_ran_through);

	ck_assert_uint_gt(of_reads, 4 * of_writes);
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("sched_pos");
	TCase *tcase = tcase_create("pos");

	tcase_add_test(tcase, a_thread_stands_still_through_n_steps_with_odds_of_1_in_n);
	tcase_add_test(tcase, conflicting_operations_are_walked_uniformly);
	tcase_add_test(tcase, reads_of_one_object_do_not_conflict);
	suite_add_tcase(suite, tcase);
	return suite;
}
