/* SPDX-License-Identifier: Apache-2.0 */
/* Of many threads alike and one that is not: who goes first, and who last. */
#include "check_main.h"

#include <string.h>

#include "sched_world.h"

/* main, which waits; CROWD - 2 with one start routine; one with another. */
#define CROWD     40
#define SCHEDULES 1000

static struct thread crowd[CROWD];
static struct thread *crowd_by_id[CROWD];
static thread_id crowd_ready[CROWD - 1];
static int alike, other;

static void gather(bool kinds)
{
	memset(crowd, 0, sizeof(crowd));
	for (thread_id i = 0; i < CROWD; i++) {
		crowd_by_id[i] = &crowd[i];
		crowd[i].id = i;
		crowd[i].ready_index = i - 1;
		crowd[i].op.kind = OP_READ;
		crowd[i].start_routine = i == 0 || !kinds ? NULL : i + 1 < CROWD ? &alike : &other;
		if (i > 0)
			crowd_ready[i - 1] = i;
	}
}

/* Which thread goes first, and which is the last to have gone at all. */
static void first_and_last(const struct sched_strategy *strategy, uint64_t number, thread_id *first,
			   thread_id *last)
{
	const struct sched_begin begin = sim_begin(47, number);
	struct sched_view view = { .threads = crowd_by_id,
				   .ready = crowd_ready,
				   .ready_count = CROWD - 1,
				   .current = THREAD_NONE,
				   .thread_count = CROWD };
	bool went[CROWD] = { false };

	*first = *last = THREAD_NONE;
	strategy->begin(sim_state(0), &begin);
	for (uint32_t left = CROWD - 1; left > 0 && view.step < 4000; view.step++) {
		const thread_id id = strategy->choose(sim_state(0), &view);

		if (!went[id])
			*last = id;
		left -= !went[id];
		went[id] = true;
		if (*first == THREAD_NONE)
			*first = id;
		view.current = id;
	}
}

/* In how many schedules the only one of its kind, or the first of the other kind, went first or
 * last. */
static void count_firsts(const char *spec, bool kinds, uint32_t *only_first, uint32_t *one_first,
			 uint32_t *only_last)
{
	const struct sched_strategy *strategy = sched_open(spec, sim_state(0));

	gather(kinds);
	*only_first = *one_first = *only_last = 0;
	for (uint64_t number = 0; number < SCHEDULES; number++) {
		thread_id first, last;

		first_and_last(strategy, number, &first, &last);
		*only_first += first == CROWD - 1;
		*one_first += first == 1;
		*only_last += last == CROWD - 1;
	}
}

/* Any of 39 is first in 26 of 1,000, give or take 5. */
START_TEST(without_kinds_all_are_alike)
{
	static const char *const specs[] = { "pct:1", "delay:0" };
	uint32_t only_first, one_first, only_last;

	count_firsts(specs[_i], false, &only_first, &one_first, &only_last);
	ck_assert_uint_lt(only_first, 60);
	ck_assert_uint_lt(one_first, 60);
	ck_assert_uint_gt(only_first, 5);
	ck_assert_uint_gt(one_first, 5);
}
END_TEST

/* In half of the schedules one of the two goes first, either as often. */
START_TEST(pct_has_the_first_of_a_kind_above_the_others)
{
	uint32_t only_first, one_first, only_last;

	count_firsts("pct:1", true, &only_first, &one_first, &only_last);
	ck_assert_uint_gt(only_first, 200);
	ck_assert_uint_gt(one_first, 200);
	ck_assert_uint_lt(only_first + one_first, 600);
}
END_TEST

/* In half of the schedules either is before all others or behind them; so one goes first in three
 * quarters of that half, either as often. */
START_TEST(delay_has_the_first_of_a_kind_first_or_last)
{
	uint32_t only_first, one_first, only_last;

	count_firsts("delay:0", true, &only_first, &one_first, &only_last);
	ck_assert_uint_gt(only_first, 140);
	ck_assert_uint_gt(one_first, 140);
	ck_assert_uint_gt(only_last, 140);
	ck_assert_uint_lt(only_first + one_first, 500);
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("sched_kinds");
	TCase *tcase = tcase_create("kinds");

	tcase_add_loop_test(tcase, without_kinds_all_are_alike, 0, 2);
	tcase_add_test(tcase, pct_has_the_first_of_a_kind_above_the_others);
	tcase_add_test(tcase, delay_has_the_first_of_a_kind_first_or_last);
	suite_add_tcase(suite, tcase);
	return suite;
}
