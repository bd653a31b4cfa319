/* SPDX-License-Identifier: Apache-2.0 */
/* PCT: its argument, its guarantee, and that demotion does what the paper says. */
#include "check_main.h"

#include <math.h>
#include <string.h>

#include "sched_world.h"

static const struct sched_strategy *opened(const char *spec)
{
	return sched_open(spec, sim_state(0));
}

START_TEST(the_depth_is_a_number_from_1_to_32)
{
	static const char *const bad[] = {
		"pct:", "pct:0", "pct:33", "pct:-1", "pct:3x", "pct:x", "pct:99999999999999999999",
		"pctx", "pc"
	};
	static const char *const good[] = { "pct", "pct:1", "pct:3", "pct:32" };

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		ck_assert_ptr_nonnull(opened(good[i]));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(opened(bad[i]) == NULL, "%s was accepted", bad[i]);
}
END_TEST

static const struct sim_line ten_writes[] = { TEN({ .kind = SIM_WRITE }), END };

/* With depth 1 there is no change point: threads run one after the other, in each of the n! orders.
 */
START_TEST(depth_1_runs_threads_to_their_ends_in_every_order)
{
	static const struct sim_program program = { 3, { ten_writes, ten_writes, ten_writes } };
	const struct sched_strategy *strategy = opened("pct:1");
	uint32_t orders[3][3] = { { 0 } };

	for (uint64_t number = 0; number < 600; number++) {
		const struct sched_begin begin = sim_begin(1, number);
		const struct sim_run *run =
			sim_run(strategy, sim_state(0), &program, &begin, 1000, false);

		ck_assert_uint_eq(run->steps, 33);
		ck_assert_uint_eq(run->switches, 3);
		orders[run->order[0]][run->order[32]]++;
	}
	for (int first = 0; first < 3; first++)
		for (int last = 0; last < 3; last++)
			if (first == last)
				ck_assert_uint_eq(orders[first][last], 0);
			else
				ck_assert_uint_gt(orders[first][last], 60);
}
END_TEST

START_TEST(depth_d_switches_at_most_d_minus_1_times_before_somebody_ends)
{
	static const char *const specs[] = { "pct:1", "pct:2", "pct:3", "pct:4", "pct:5" };
	static const struct sim_program program = { 2, { ten_writes, ten_writes } };
	const struct sched_strategy *strategy = opened(specs[_i]);
	uint32_t most = 0;

	for (uint64_t number = 0; number < 3000; number++) {
		struct sched_begin begin = sim_begin(2, number);
		const struct sim_run *run;

		begin.learned.steps_max = 22;
		run = sim_run(strategy, sim_state(0), &program, &begin, 1000, false);
		ck_assert(run->ended);
		if (run->switches > most)
			most = run->switches;
	}
	/* One to start, one at the end of the first thread, and one for each change point. */
	ck_assert_uint_le(most, 2 + (uint32_t)_i);
	ck_assert_uint_ge(most, 2 + (uint32_t)(_i > 3 ? 3 : _i));
}
END_TEST

static const struct sim_line ten_marks[] = { TEN({ .kind = SIM_MARK }), END };
static const struct sim_line one_look[] = { { SIM_MARK, 1, 0 }, END };
static const struct sim_line two_looks[] = { { SIM_MARK, 1, 0 }, { SIM_MARK, 2, 0 }, END };

/* The promise for the three schedules of four that keep to it, less four standard deviations: some
 * of these bugs show exactly as often as that. */
static uint32_t promised(uint32_t schedules, uint32_t odds)
{
	const double expected = 0.75 * schedules / odds;

	return (uint32_t)(expected - 4 * sqrt(expected));
}

/* Thread 1 must look right after the 4th mark of thread 0: two orderings, 4th mark before look
 * before 5th mark. */
START_TEST(a_bug_of_depth_2_shows_as_often_as_the_paper_promises)
{
	static const struct sim_program program = { 2, { ten_marks, one_look } };
	const struct sched_strategy *strategy = opened("pct:2");
	const uint32_t n = 2, k = 13, schedules = 20000;
	uint32_t hits = 0;

	for (uint64_t number = 0; number < schedules; number++) {
		struct sched_begin begin = sim_begin(3, number);

		begin.learned.steps_max = k;
		hits += sim_run(strategy, sim_state(0), &program, &begin, 1000, false)->seen[1] ==
			4;
	}
	ck_assert_uint_ge(hits, promised(schedules, n * k));
}
END_TEST

/* Third mark before first look before 4th mark before second look: three orderings, with two more
 * threads in the way. */
START_TEST(a_bug_of_depth_3_shows_as_often_as_the_paper_promises)
{
	static const struct sim_program program = {
		4, { ten_marks, two_looks, ten_writes, ten_writes }
	};
	const struct sched_strategy *strategy = opened("pct:3");
	const uint32_t n = 4, k = 36, schedules = 200000;
	uint32_t hits = 0;

	for (uint64_t number = 0; number < schedules; number++) {
		struct sched_begin begin = sim_begin(4, number);
		const struct sim_run *run;
		uint32_t marks = 0, first = 0, second = 0, looks = 0;

		begin.learned.steps_max = k;
		run = sim_run(strategy, sim_state(0), &program, &begin, 1000, false);
		for (uint32_t i = 0; i < run->steps && looks < 2; i++) {
			marks += run->order[i] == 0;
			if (run->order[i] != 1)
				continue;
			if (looks++ == 0)
				first = marks;
			else
				second = marks;
		}
		hits += first == 3 && second > 3;
	}
	ck_assert_uint_ge(hits, promised(schedules, n * k * k));
}
END_TEST

START_TEST(the_order_of_the_ready_array_does_not_matter)
{
	static struct thread threads[4];
	static struct thread *by_id[4] = { &threads[0], &threads[1], &threads[2], &threads[3] };
	static const thread_id orders[2][4] = { { 0, 1, 2, 3 }, { 2, 3, 1, 0 } };
	thread_id choices[2][64];
	static const char *const specs[] = { "pct", "pos" };
	const struct sched_strategy *strategy = opened(specs[_i]);
	const struct sched_begin begin = sim_begin(5, 1);

	for (int order = 0; order < 2; order++) {
		struct sched_view view = {
			.threads = by_id,
			.ready = orders[order],
			.ready_count = 4,
			.current = THREAD_NONE,
			.thread_count = 4,
		};

		for (uint32_t i = 0; i < 4; i++) {
			threads[i].id = (thread_id)i;
			threads[i].op.kind = OP_MUTEX_LOCK;
			threads[orders[order][i]].ready_index = (int32_t)i;
		}
		strategy->begin(sim_state(0), &begin);
		for (view.step = 0; view.step < 64; view.step++)
			choices[order][view.step] = view.current =
				strategy->choose(sim_state(0), &view);
	}
	ck_assert_mem_eq(choices[0], choices[1], sizeof(choices[0]));
}
END_TEST

START_TEST(an_unlearned_length_still_finds_early_bugs)
{
	static const struct sim_program program = { 2, { ten_marks, one_look } };
	const struct sched_strategy *strategy = opened("pct:2");
	uint32_t hits = 0;

	for (uint64_t number = 0; number < 5000; number++) {
		const struct sched_begin begin = sim_begin(6, number);

		hits += sim_run(strategy, sim_state(0), &program, &begin, 1000, false)->seen[1] ==
			4;
	}
	ck_assert_uint_gt(hits, 10);
}
END_TEST

/* The only ready thread stands low, and a timer is always pending: somebody waits with a timeout,
 * is late, and waits again. */
START_TEST(time_does_not_pass_for_ever_while_a_low_thread_could_run)
{
	static struct thread low = { .op = { .kind = OP_YIELD } };
	struct thread *const threads[] = { &low };
	const thread_id ready[] = { 0 };
	struct sched_view view = { .threads = threads,
				   .ready = ready,
				   .ready_count = 1,
				   .thread_count = 1,
				   .timer_pending = true };
	const struct sched_strategy *strategy = opened("pct:3");

	for (uint64_t number = 0; number < 100; number++) {
		const struct sched_begin begin = sim_begin(7, number);
		uint32_t in_a_row = 0;

		strategy->begin(sim_state(0), &begin);
		for (view.step = 0; view.step < 200;) {
			if (strategy->choose(sim_state(0), &view) == SCHED_CLOCK) {
				ck_assert_uint_le(++in_a_row, 8);
				continue;
			}
			in_a_row = 0;
			view.step++; /* the yield was performed; the thread drops */
		}
	}
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("sched_pct");
	TCase *tcase = tcase_create("pct");

	tcase_add_test(tcase, the_depth_is_a_number_from_1_to_32);
	tcase_add_test(tcase, depth_1_runs_threads_to_their_ends_in_every_order);
	tcase_add_loop_test(tcase, depth_d_switches_at_most_d_minus_1_times_before_somebody_ends, 0,
			    5);
	tcase_add_test(tcase, a_bug_of_depth_2_shows_as_often_as_the_paper_promises);
	tcase_add_test(tcase, a_bug_of_depth_3_shows_as_often_as_the_paper_promises);
	tcase_add_loop_test(tcase, the_order_of_the_ready_array_does_not_matter, 0, 2);
	tcase_add_test(tcase, an_unlearned_length_still_finds_early_bugs);
	tcase_add_test(tcase, time_does_not_pass_for_ever_while_a_low_thread_could_run);
	suite_add_tcase(suite, tcase);
	return suite;
}
