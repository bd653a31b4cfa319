/* SPDX-License-Identifier: Apache-2.0 */
/* The walk that switches where threads seldom are: how often it leaves, and what that finds. */
#include "check_main.h"

#include <string.h>

#include "sched_world.h"

#define ROUNDS 1000

/* A thousand rounds, and then once a question and an act. */
static const struct sim_line rounds_then_once[] = {
	TEN(TEN(TEN({ .kind = SIM_READ, .object = 5 }))),
	{ SIM_WRITE, 1, 0 },
	{ SIM_MARK, 2, 0 },
	END
};

/* Did both ask before either acted? */
static bool overlapped(const struct sim_run *run)
{
	uint32_t done[2] = { 0 }, asked[2] = { 0 }, acted[2] = { 0 };

	for (uint32_t i = 0; i < run->steps; i++) {
		const thread_id id = run->order[i];

		done[id]++;
		if (done[id] == ROUNDS + 1)
			asked[id] = i;
		if (done[id] == ROUNDS + 2)
			acted[id] = i;
	}
	return asked[0] < acted[1] && asked[1] < acted[0];
}

static uint32_t overlaps_of(const char *spec)
{
	static const struct sim_program program = { 2, { rounds_then_once, rounds_then_once } };
	const struct sched_strategy *strategy = sched_open(spec, sim_state(0));
	uint32_t overlaps = 0;

	for (uint64_t number = 0; number < 2000; number++) {
		struct sched_begin begin = sim_begin(51, number);

		begin.learned.steps_max = 2 * ROUNDS;
		overlaps +=
			overlapped(sim_run(strategy, sim_state(0), &program, &begin, 10000, false));
	}
	return overlaps;
}

START_TEST(what_comes_once_behind_a_long_loop_is_switched_in)
{
	const uint32_t rare = overlaps_of("rare");

	ck_assert_uint_gt(rare, 2000 / 10);
	ck_assert_uint_gt(rare, 4 * overlaps_of("random"));
	ck_assert_uint_gt(rare, 4 * overlaps_of("sticky"));
	ck_assert_uint_gt(rare, 4 * overlaps_of("pct"));
	ck_assert_uint_gt(rare, 4 * overlaps_of("pos"));
}
END_TEST

static struct thread crowd[3];
static struct thread *const crowd_by_id[3] = { &crowd[0], &crowd[1], &crowd[2] };
static const thread_id crowd_ready[3] = { 0, 1, 2 };

/* How often thread 0 is left at one place where it is @steps times. */
static uint32_t left(uint64_t number, uint32_t learned, uint32_t first, uint32_t steps)
{
	const struct sched_strategy *strategy = sched_open("rare", sim_state(0));
	struct sched_begin begin = sim_begin(52, number);
	struct sched_view view = {
		.threads = crowd_by_id, .ready = crowd_ready, .ready_count = 3, .thread_count = 3
	};
	uint32_t leaves = 0;

	for (uint32_t i = 0; i < 3; i++) {
		memset(&crowd[i], 0, sizeof(crowd[i]));
		crowd[i].id = (thread_id)i;
		crowd[i].ready_index = (int32_t)i;
		crowd[i].op.kind = OP_MUTEX_LOCK;
	}
	begin.learned.steps_max = learned;
	strategy->begin(sim_state(0), &begin);
	for (view.step = first; view.step < first + steps; view.step++) {
		const thread_id id = strategy->choose(sim_state(0), &view);

		leaves += id != 0;
		ck_assert_uint_lt(id, 3);
	}
	return leaves;
}

/* The sanitizers look at each access and not at chance: fewer will do for them. */
#if defined(__SANITIZE_ADDRESS__)
#define CROWDS 200
#else
#define CROWDS 400
#endif

START_TEST(a_place_is_left_less_and_less)
{
	uint32_t early = 0, late = 0;

	for (uint64_t number = 0; number < CROWDS; number++) {
		early += left(number, 100000, 0, 1000);
		late += left(number, 100000, 0, 10000);
	}
	/* The sum of 1/(n + 2) is 6.49 and 8.79; the mean of 1, 1/2, 1/4, 1/8 is 0.469. */
	ck_assert_uint_gt(early, CROWDS * 26 / 10);
	ck_assert_uint_lt(early, CROWDS * 35 / 10);
	ck_assert_uint_gt(late, CROWDS * 36 / 10);
	ck_assert_uint_lt(late, CROWDS * 47 / 10);
}
END_TEST

START_TEST(a_schedule_that_grows_too_long_leaves_again)
{
	for (uint64_t number = 0; number < 20; number++)
		ck_assert_uint_gt(left(number, 10, 20, 6400), 60);
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("sched_rare");
	TCase *tcase = tcase_create("rare");

	tcase_add_test(tcase, what_comes_once_behind_a_long_loop_is_switched_in);
	tcase_add_test(tcase, a_place_is_left_less_and_less);
	tcase_add_test(tcase, a_schedule_that_grows_too_long_leaves_again);
	suite_add_tcase(suite, tcase);
	return suite;
}
