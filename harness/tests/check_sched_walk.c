/* SPDX-License-Identifier: Apache-2.0 */
/* The two walks: what they choose from, with which odds, and that a rejected thread leaves no trace
 * in them. */
#include "check_main.h"

#include <math.h>
#include <string.h>

#include "sched/walk.h"
#include "sched_world.h"

static struct thread crowd[8];
static struct thread *crowd_by_id[8];
static thread_id crowd_ready[8];

/* A view of @count ready threads, numbered from 0. */
static struct sched_view view_of(uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		memset(&crowd[i], 0, sizeof(crowd[i]));
		crowd[i].id = (thread_id)i;
		crowd[i].op.kind = OP_MUTEX_LOCK;
		crowd[i].ready_index = (int32_t)i;
		crowd_by_id[i] = &crowd[i];
		crowd_ready[i] = (thread_id)i;
	}
	return (struct sched_view){
		.threads = crowd_by_id,
		.ready = crowd_ready,
		.ready_count = count,
		.current = THREAD_NONE,
		.thread_count = count,
	};
}

static void reject(struct sched_view *view, thread_id id)
{
	const thread_id last = crowd_ready[view->ready_count - 1];

	crowd_ready[crowd[id].ready_index] = last;
	crowd[last].ready_index = crowd[id].ready_index;
	crowd[id].ready_index = -1;
	view->ready_count--;
}

static const struct sched_strategy *opened(const char *spec, uint64_t seed)
{
	const struct sched_strategy *strategy = sched_open(spec, sim_state(0));
	const struct sched_begin begin = sim_begin(seed, 0);

	ck_assert_ptr_nonnull(strategy);
	strategy->begin(sim_state(0), &begin);
	return strategy;
}

static double chi_square(const uint32_t *counts, uint32_t bins, uint32_t total)
{
	const double expected = (double)total / bins;
	double sum = 0;

	for (uint32_t i = 0; i < bins; i++)
		sum += ((double)counts[i] - expected) * ((double)counts[i] - expected) / expected;
	return sum;
}

START_TEST(a_random_walk_gives_every_ready_thread_the_same_odds)
{
	const struct sched_strategy *strategy = opened("random", 1);
	struct sched_view view = view_of(7);
	uint32_t counts[7] = { 0 };

	for (view.step = 0; view.step < 70000; view.step++)
		counts[strategy->choose(sim_state(0), &view)]++;
	/* 6 degrees of freedom: above 22.5 by chance once in a thousand seeds; this seed is fixed.
	 */
	ck_assert(chi_square(counts, 7, 70000) < 22.5);
}
END_TEST

START_TEST(a_rejected_thread_leaves_the_others_equal_odds)
{
	const struct sched_strategy *strategy = opened("random", 2);
	uint32_t counts[4] = { 0 };

	for (uint32_t step = 0; step < 30000; step++) {
		struct sched_view view = view_of(4);
		thread_id id;

		view.step = step;
		view.timer_pending = true;
		id = strategy->choose(sim_state(0), &view);
		if (id == SCHED_CLOCK)
			id = strategy->choose(sim_state(0), &view);
		if (id == 3) {
			reject(&view, 3);
			id = strategy->choose(sim_state(0), &view);
			ck_assert_uint_ne(id, SCHED_CLOCK);
		}
		counts[id]++;
	}
	ck_assert_uint_eq(counts[3], 0);
	/* 2 degrees of freedom */
	ck_assert(chi_square(counts, 3, 30000) < 13.8);
}
END_TEST

START_TEST(time_passes_once_in_a_while_and_only_when_somebody_waits_for_it)
{
	const struct sched_strategy *strategy = opened("random", 3);
	struct sched_view view = view_of(3);
	uint32_t clocks = 0;

	for (view.step = 0; view.step < 10000; view.step++)
		ck_assert_uint_lt(strategy->choose(sim_state(0), &view), 3);
	view.timer_pending = true;
	for (view.step = 0; view.step < 32000; view.step++)
		clocks += strategy->choose(sim_state(0), &view) == SCHED_CLOCK;
	ck_assert_uint_gt(clocks, 1000 - 130);
	ck_assert_uint_lt(clocks, 1000 + 130);
}
END_TEST

START_TEST(sticky_runs_are_as_long_as_one_of_its_six_probabilities_says)
{
	bool seen[7] = { false };

	for (uint64_t seed = 0; seed < 60; seed++) {
		const struct sched_strategy *strategy = opened("sticky", seed);
		struct sched_view view = view_of(5);
		uint32_t switches = 0;
		double shift;

		view.current = 0;
		for (view.step = 0; view.step < 64000; view.step++) {
			const thread_id id = strategy->choose(sim_state(0), &view);

			switches += id != view.current;
			view.current = id;
		}
		shift = log2(64000.0 / switches);
		ck_assert(fabs(shift - round(shift)) < 0.2);
		ck_assert(shift > 0.5);
		ck_assert(shift < 6.5);
		seen[(int)round(shift)] = true;
	}
	for (int i = 1; i <= 6; i++)
		ck_assert_msg(seen[i], "no schedule stayed with probability 1 - 1/%d", 1 << i);
}
END_TEST

START_TEST(sticky_stays_with_the_same_odds_whichever_others_are_blocked)
{
	/* In every step the strategy sees four threads of which only 0, who runs, and 1 can act. */
	for (uint64_t seed = 0; seed < 12; seed++) {
		const struct sched_strategy *strategy = opened("sticky", seed);
		uint32_t stays[2] = { 0 };

		for (uint32_t step = 0; step < 40000; step++) {
			const bool crowded = step & 1;
			struct sched_view view = view_of(crowded ? 4 : 2);
			thread_id id;

			view.step = step;
			view.current = 0;
			while ((id = strategy->choose(sim_state(0), &view)) >= 2)
				reject(&view, id);
			stays[crowded] += id == 0;
		}
		/* Standard deviation of the difference is below 100. */
		ck_assert_int_lt((int)stays[0] - (int)stays[1], 400);
		ck_assert_int_lt((int)stays[1] - (int)stays[0], 400);
	}
}
END_TEST

START_TEST(a_yield_ends_a_sticky_run)
{
	const struct sched_strategy *strategy = opened("sticky", 5);
	struct sched_view view = view_of(3);

	crowd[0].op.kind = OP_YIELD;
	crowd[1].op.kind = OP_YIELD;
	crowd[2].op.kind = OP_YIELD;
	view.current = strategy->choose(sim_state(0), &view);
	for (view.step = 1; view.step < 1000; view.step++) {
		const thread_id id = strategy->choose(sim_state(0), &view);

		ck_assert_uint_ne(id, view.current);
		view.current = id;
	}
}
END_TEST

START_TEST(values_are_uniform_and_below_their_bound)
{
	const char *const specs[] = { "random", "sticky", "pct", "pos", "delay", "rare", "auto" };
	const struct sched_strategy *strategy = opened(specs[_i], 9);
	uint32_t counts[5] = { 0 };

	for (uint32_t i = 0; i < 50000; i++) {
		const uint32_t value = strategy->choose_value(sim_state(0), 0, 5);

		ck_assert_uint_lt(value, 5);
		counts[value]++;
	}
	ck_assert(chi_square(counts, 5, 50000) < 18.5);
}
END_TEST

START_TEST(a_random_walk_lends_its_numbers_and_the_others_do_not)
{
	const char *const specs[] = { "random", "sticky", "pct", "pos", "delay", "rare" };
	const struct sched_strategy *strategy = opened(specs[_i], 9);
	uint32_t counts[5] = { 0 };
	struct walk *walk;

	ck_assert_int_eq(strategy->uniform != NULL, _i == 0);
	if (!strategy->uniform)
		return;
	walk = strategy->uniform(sim_state(0));
	for (uint32_t i = 0; i < 50000; i++) {
		const uint32_t index = walk_index(walk, 5);

		ck_assert_uint_lt(index, 5);
		counts[index]++;
		ck_assert_uint_eq(walk_index(walk, 1), 0);
	}
	ck_assert(chi_square(counts, 5, 50000) < 18.5);
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("sched_walk");
	TCase *tcase = tcase_create("walk");

	tcase_add_test(tcase, a_random_walk_gives_every_ready_thread_the_same_odds);
	tcase_add_test(tcase, a_rejected_thread_leaves_the_others_equal_odds);
	tcase_add_test(tcase, time_passes_once_in_a_while_and_only_when_somebody_waits_for_it);
	tcase_add_test(tcase, sticky_runs_are_as_long_as_one_of_its_six_probabilities_says);
	tcase_add_test(tcase, sticky_stays_with_the_same_odds_whichever_others_are_blocked);
	tcase_add_test(tcase, a_yield_ends_a_sticky_run);
	tcase_add_loop_test(tcase, values_are_uniform_and_below_their_bound, 0, 7);
	tcase_add_loop_test(tcase, a_random_walk_lends_its_numbers_and_the_others_do_not, 0, 6);
	suite_add_tcase(suite, tcase);
	return suite;
}
