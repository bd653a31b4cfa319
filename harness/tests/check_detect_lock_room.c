/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Semaphores as gates of lock orders: each run in which one keeps the threads apart stands next to
 * runs in which it does not.
 */
#include "check_main.h"

#include "lock_script.h"

static void *room(void)
{
	return &script_locks[7];
}

static void in_the_room(unsigned who, unsigned outer, unsigned inner)
{
	perform(who, OP_SEM_WAIT, room(), 0);
	nest(who, outer, inner);
	perform(who, OP_SEM_POST, room(), 0);
}

static void opposite_orders_in_a_room_for_one(void)
{
	perform(0, OP_SEM_INIT, room(), 1);
	create(0, 1), create(0, 2);
	in_the_room(1, 0, 1), in_the_room(2, 1, 0);
}

static void opposite_orders_in_a_room_for_two(void)
{
	perform(0, OP_SEM_INIT, room(), 2);
	create(0, 1), create(0, 2);
	in_the_room(1, 0, 1), in_the_room(2, 1, 0);
}

static void opposite_orders_one_in_the_room(void)
{
	perform(0, OP_SEM_INIT, room(), 1);
	create(0, 1), create(0, 2);
	in_the_room(1, 0, 1), nest(2, 1, 0);
}

static void opposite_orders_in_a_room_that_is_left_too_early(void)
{
	perform(0, OP_SEM_INIT, room(), 1);
	create(0, 1), create(0, 2);
	in_the_room(1, 0, 1);
	perform(2, OP_SEM_WAIT, room(), 0), perform(2, OP_SEM_POST, room(), 0);
	nest(2, 1, 0);
}

/* Who posts without having waited lets one more in. */
static void opposite_orders_in_a_room_that_somebody_widens(void)
{
	perform(0, OP_SEM_INIT, room(), 1);
	create(0, 1), create(0, 2);
	in_the_room(1, 0, 1), in_the_room(2, 1, 0);
	perform(0, OP_SEM_POST, room(), 0);
}

static void opposite_orders_in_a_room_made_twice(void)
{
	perform(0, OP_SEM_INIT, room(), 1);
	create(0, 1), create(0, 2);
	in_the_room(1, 0, 1);
	perform(0, OP_SEM_INIT, room(), 1);
	in_the_room(2, 1, 0);
}

static void a_ring_of_three_in_a_room_for_two(void)
{
	perform(0, OP_SEM_INIT, room(), 2);
	create(0, 1), create(0, 2), create(0, 3);
	in_the_room(1, 0, 1), in_the_room(2, 1, 2), in_the_room(3, 2, 0);
}

static const struct {
	const char *name;
	void (*run)(void);
	uint32_t warnings;
} runs[] = {
	{ "for one", opposite_orders_in_a_room_for_one, 0 },
	{ "for two", opposite_orders_in_a_room_for_two, 1 },
	{ "one inside", opposite_orders_one_in_the_room, 1 },
	{ "left too early", opposite_orders_in_a_room_that_is_left_too_early, 1 },
	{ "widened", opposite_orders_in_a_room_that_somebody_widens, 1 },
	{ "made twice", opposite_orders_in_a_room_made_twice, 1 },
	{ "three for two", a_ring_of_three_in_a_room_for_two, 0 },
};

START_TEST(a_room_too_small_for_a_cycle_is_a_gate)
{
	script_begin();
	runs[_i].run();
	ck_assert_msg(script_check() == runs[_i].warnings, "%s", runs[_i].name);
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("detect_lock_room");
	TCase *tcase = tcase_create("gates");

	tcase_add_loop_test(tcase, a_room_too_small_for_a_cycle_is_a_gate, 0,
			    sizeof(runs) / sizeof(runs[0]));
	suite_add_tcase(suite, tcase);
	return suite;
}
