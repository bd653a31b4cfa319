/* SPDX-License-Identifier: Apache-2.0 */
/* Delay bounding: turns, what they bring about that chance does not, and who begins when. */
#include "check_main.h"

#include <string.h>

#include "sched_world.h"

#define FOUR(...) __VA_ARGS__, __VA_ARGS__, __VA_ARGS__, __VA_ARGS__

#define RING 64

static const struct sim_program *ring(void)
{
	static struct sim_line lines[RING][5];
	static struct sim_program program = { .thread_count = RING };

	for (uint8_t i = 0; i < RING; i++) {
		const uint8_t next = (uint8_t)((i + 1) % RING);

		lines[i][0] = (struct sim_line){ SIM_LOCK, i, 0 };
		lines[i][1] = (struct sim_line){ SIM_LOCK, next, 0 };
		lines[i][2] = (struct sim_line){ SIM_UNLOCK, next, 0 };
		lines[i][3] = (struct sim_line){ SIM_UNLOCK, i, 0 };
		lines[i][4] = (struct sim_line)END;
		program.scripts[i] = lines[i];
	}
	return &program;
}

static uint32_t deadlocks_of(const char *spec, uint32_t schedules)
{
	const struct sched_strategy *strategy = sched_open(spec, sim_state(0));
	uint32_t deadlocks = 0;

	for (uint64_t number = 0; number < schedules; number++) {
		const struct sched_begin begin = sim_begin(41, number);

		deadlocks +=
			sim_run(strategy, sim_state(0), ring(), &begin, 10000, false)->deadlocked;
	}
	return deadlocks;
}

START_TEST(sixty_four_in_a_ring_of_locks_all_wait_for_the_next)
{
	ck_assert_uint_gt(deadlocks_of("delay", 400), 100);
	ck_assert_uint_eq(deadlocks_of("random", 400), 0);
	ck_assert_uint_eq(deadlocks_of("pct", 400), 0);
}
END_TEST

static const struct sim_line long_work[] = { FOUR(FOUR(FOUR({ SIM_READ, 1, 0 }))),
					     FOUR(FOUR(FOUR({ SIM_READ, 1, 0 }))), END };

/* @run's threads, all of them as long, have turns of one length in one order until the first ends.
 */
static void turns_are_alike(const struct sim_run *run, uint32_t threads)
{
	uint32_t turn = 1;

	while (run->order[turn] == run->order[0])
		turn++;
	ck_assert(turn <= 6 || (turn & (turn - 1)) == 0);
	for (uint32_t i = 0; i < 128 * (threads - 1); i++) {
		ck_assert_uint_eq(run->order[i], run->order[i / turn * turn]);
		if (i >= turn * threads)
			ck_assert_uint_eq(run->order[i], run->order[i - turn * threads]);
	}
}

START_TEST(without_delays_turns_are_alike)
{
	static const struct sim_program program = { 3, { long_work, long_work, long_work } };
	const struct sched_strategy *strategy = sched_open("delay:0", sim_state(0));

	for (uint64_t number = 0; number < 100; number++) {
		const struct sched_begin begin = sim_begin(42, number);

		turns_are_alike(sim_run(strategy, sim_state(0), &program, &begin, 10000, false), 3);
	}
}
END_TEST

/* How many of the first turns are longer or shorter than most; -1: there are too few to say. */
static int odd_turns(const struct sim_run *run)
{
	uint32_t count[129] = { 0 }, turns = 0, most = 0, length = 1;

	for (uint32_t at = 1; at < 128; at++) {
		if (run->order[at] == run->order[at - 1]) {
			length++;
			continue;
		}
		turns++;
		most = ++count[length] > most ? count[length] : most;
		length = 1;
	}
	return turns < 4 ? -1 : (int)(turns - most);
}

START_TEST(a_delay_is_one_turn_that_is_lost)
{
	static const struct sim_program program = { 2, { long_work, long_work } };
	const struct sched_strategy *strategy = sched_open("delay:1", sim_state(0));
	uint32_t delayed = 0, told = 0;

	for (uint64_t number = 0; number < 400; number++) {
		struct sched_begin begin = sim_begin(43, number);
		int odd;

		begin.learned.steps_max = 128;
		odd = odd_turns(sim_run(strategy, sim_state(0), &program, &begin, 10000, false));
		ck_assert_int_le(odd, 1);
		told += odd >= 0;
		delayed += odd == 1;
	}
	ck_assert_uint_gt(delayed, told * 8 / 10);
	ck_assert_uint_gt(told, 200);
}
END_TEST

static struct thread crowd[3];
static struct thread *const crowd_by_id[3] = { &crowd[0], &crowd[1], &crowd[2] };
static const thread_id crowd_ready[3] = { 0, 1, 2 };

static void stand(uint32_t i, unsigned kind)
{
	memset(&crowd[i], 0, sizeof(crowd[i]));
	crowd[i].id = (thread_id)i;
	crowd[i].ready_index = (int32_t)i;
	crowd[i].op.kind = (uint16_t)kind;
}

/* How often thread 0, about to do @kind, is chosen in so many steps before two that have not begun.
 */
static uint32_t chosen_before(uint64_t number, enum op_kind kind, uint32_t steps)
{
	const struct sched_strategy *strategy = sched_open("delay:0", sim_state(0));
	const struct sched_begin begin = sim_begin(44, number);
	struct sched_view view = { .threads = crowd_by_id,
				   .ready = crowd_ready,
				   .ready_count = 3,
				   .current = 0,
				   .thread_count = 3 };
	uint32_t chosen = 0;

	for (uint32_t i = 0; i < 3; i++)
		stand(i, i ? OP_THREAD_START : kind);
	strategy->begin(sim_state(0), &begin);
	for (view.step = 0; view.step < steps; view.step++) {
		view.current = strategy->choose(sim_state(0), &view);
		chosen += view.current == 0;
	}
	return chosen;
}

START_TEST(in_half_of_the_schedules_nobody_begins_before_main_waits)
{
	uint32_t gathering = 0, ended = 0;

	for (uint64_t number = 0; number < 400; number++) {
		gathering += chosen_before(number, OP_MUTEX_LOCK, 65) == 65;
		ended += chosen_before(number, OP_MUTEX_LOCK, 400) < 400;
		ck_assert_uint_lt(chosen_before(number, OP_YIELD, 20), 20);
	}
	ck_assert_uint_gt(gathering, 150);
	ck_assert_uint_lt(gathering, 250);
	ck_assert_uint_eq(ended, 400);
}
END_TEST

static struct sched_view view_of_two(void)
{
	return (struct sched_view){ .threads = crowd_by_id,
				    .ready = crowd_ready,
				    .ready_count = 2,
				    .current = THREAD_NONE,
				    .thread_count = 2 };
}

/* How many steps each of the first turns of two threads has, that both are yet to begin. */
static void turns_from_the_beginning(const struct sched_strategy *strategy, uint64_t number,
				     uint32_t turns[4])
{
	const struct sched_begin begin = sim_begin(46, number);
	struct sched_view view = view_of_two();
	uint32_t count = 0;

	for (uint32_t i = 0; i < 2; i++)
		stand(i, OP_THREAD_START);
	strategy->begin(sim_state(0), &begin);
	for (;; view.step++) {
		const thread_id id = strategy->choose(sim_state(0), &view);

		if (id != view.current && count++ == 4)
			return;
		turns[count - 1] = id == view.current ? turns[count - 1] + 1 : 1;
		view.current = id;
		crowd[id].op.kind = OP_READ;
	}
}

START_TEST(to_begin_is_no_step_of_a_turn)
{
	const struct sched_strategy *strategy = sched_open("delay:0", sim_state(0));
	uint32_t turns[4];

	for (uint64_t number = 0; number < 100; number++) {
		turns_from_the_beginning(strategy, number, turns);
		ck_assert_uint_eq(turns[0], turns[2] + 1);
		ck_assert_uint_eq(turns[1], turns[3] + 1);
		ck_assert_uint_eq(turns[2], turns[3]);
	}
}
END_TEST

/* Two threads that are always ready: how often one of them has two steps in a row. */
START_TEST(a_schedule_that_grows_too_long_leaves_lockstep)
{
	const struct sched_strategy *strategy = sched_open("delay:0", sim_state(0));

	for (uint64_t number = 0; number < 40; number++) {
		struct sched_begin begin = sim_begin(45, number);
		struct sched_view view = view_of_two();
		uint32_t alike = 0;

		for (uint32_t i = 0; i < 2; i++)
			stand(i, OP_READ);
		begin.learned.steps_max = 100;
		strategy->begin(sim_state(0), &begin);
		for (view.step = 200; view.step < 1200; view.step++) {
			const thread_id id = strategy->choose(sim_state(0), &view);

			alike += id == view.current;
			view.current = id;
		}
		ck_assert_uint_gt(alike, 400);
		ck_assert_uint_lt(alike, 600);
	}
}
END_TEST

START_TEST(so_many_delays_or_none)
{
	ck_assert_ptr_nonnull(sched_open("delay:0", sim_state(0)));
	ck_assert_ptr_nonnull(sched_open("delay:16", sim_state(0)));
	ck_assert_ptr_null(sched_open("delay:17", sim_state(0)));
	ck_assert_ptr_null(sched_open("delay:", sim_state(0)));
	ck_assert_ptr_null(sched_open("delay:x", sim_state(0)));
	ck_assert_ptr_null(sched_open("delay:4294967297", sim_state(0)));
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("sched_delay");
	TCase *tcase = tcase_create("delay");

	tcase_add_test(tcase, sixty_four_in_a_ring_of_locks_all_wait_for_the_next);
	tcase_add_test(tcase, without_delays_turns_are_alike);
	tcase_add_test(tcase, a_delay_is_one_turn_that_is_lost);
	tcase_add_test(tcase, in_half_of_the_schedules_nobody_begins_before_main_waits);
	tcase_add_test(tcase, to_begin_is_no_step_of_a_turn);
	tcase_add_test(tcase, a_schedule_that_grows_too_long_leaves_lockstep);
	tcase_add_test(tcase, so_many_delays_or_none);
	suite_add_tcase(suite, tcase);
	return suite;
}
