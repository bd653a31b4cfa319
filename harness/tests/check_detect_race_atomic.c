/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory orders, from scripted runs: which loads, stores, updates and fences order the plain
 * accesses around them, by C11 5.1.2.4 and 7.17.4, and which do not.
 */
#include "race_script.h"

/* Message passing: 1 writes and stores a flag, 2 loads the flag and reads. */
static void message(int store, int load)
{
	two(), writes(1);
	race_atomic_store(race, 1, FLAG, store);
	race_atomic_load(race, 2, FLAG, load);
	reads(2);
}
static void release_and_acquire(void)
{
	message(__ATOMIC_RELEASE, __ATOMIC_ACQUIRE);
}
static void release_and_relaxed(void)
{
	message(__ATOMIC_RELEASE, __ATOMIC_RELAXED);
}
static void relaxed_and_acquire(void)
{
	message(__ATOMIC_RELAXED, __ATOMIC_ACQUIRE);
}
static void sequentially_consistent(void)
{
	message(__ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}
static void release_and_consume(void)
{
	message(__ATOMIC_RELEASE, __ATOMIC_CONSUME);
}
static void relaxed_with_both_fences(void)
{
	two(), writes(1);
	race_fence(race, 1, __ATOMIC_RELEASE);
	race_atomic_store(race, 1, FLAG, __ATOMIC_RELAXED);
	race_atomic_load(race, 2, FLAG, __ATOMIC_RELAXED);
	race_fence(race, 2, __ATOMIC_ACQUIRE);
	reads(2);
}
static void relaxed_with_one_fence(void)
{
	two(), writes(1);
	race_fence(race, 1, __ATOMIC_RELEASE);
	race_atomic_store(race, 1, FLAG, __ATOMIC_RELAXED);
	race_atomic_load(race, 2, FLAG, __ATOMIC_RELAXED);
	reads(2);
}
static void the_fence_comes_before_the_write(void)
{
	two(), race_fence(race, 1, __ATOMIC_RELEASE);
	writes(1);
	race_atomic_store(race, 1, FLAG, __ATOMIC_RELAXED);
	race_atomic_load(race, 2, FLAG, __ATOMIC_ACQUIRE);
	reads(2);
}
static void the_acquire_fence_comes_before_the_load(void)
{
	two(), writes(1);
	race_atomic_store(race, 1, FLAG, __ATOMIC_RELEASE);
	race_fence(race, 2, __ATOMIC_ACQUIRE);
	race_atomic_load(race, 2, FLAG, __ATOMIC_RELAXED);
	reads(2);
}

/* Release sequences: another operation stands between the release store and the acquire load. */
static void sequence(thread_id by, void (*between)(struct race *, thread_id, uint64_t, int))
{
	two(), create(0, 3), writes(1);
	race_atomic_store(race, 1, FLAG, __ATOMIC_RELEASE);
	between(race, by, FLAG, __ATOMIC_RELAXED);
	race_atomic_load(race, 2, FLAG, __ATOMIC_ACQUIRE);
	reads(2);
}
static void a_relaxed_update_continues_a_sequence(void)
{
	sequence(3, race_atomic_update);
}
static void a_relaxed_store_of_another_ends_it(void)
{
	sequence(3, race_atomic_store);
}
static void a_relaxed_store_of_its_head_continues_it(void)
{
	sequence(1, race_atomic_store);
}
static void the_store_after_the_write_replaces(void)
{
	two(), create(0, 3), writes(1);
	race_atomic_store(race, 1, FLAG, __ATOMIC_RELEASE);
	race_atomic_store(race, 3, FLAG, __ATOMIC_RELEASE);
	race_atomic_load(race, 2, FLAG, __ATOMIC_ACQUIRE);
	reads(2);
}
static void an_update_hands_on_what_it_read(void)
{
	two(), create(0, 3), writes(1);
	race_atomic_store(race, 1, FLAG, __ATOMIC_RELEASE);
	race_atomic_update(race, 3, FLAG, __ATOMIC_ACQ_REL);
	race_atomic_load(race, 2, FLAG, __ATOMIC_ACQUIRE);
	reads(2);
}

static const struct race_row rows[] = {
	RACE_ROW(release_and_acquire, 0),
	RACE_ROW(release_and_relaxed, 1),
	RACE_ROW(relaxed_and_acquire, 1),
	RACE_ROW(sequentially_consistent, 0),
	RACE_ROW(release_and_consume, 0),
	RACE_ROW(relaxed_with_both_fences, 0),
	RACE_ROW(relaxed_with_one_fence, 1),
	RACE_ROW(the_fence_comes_before_the_write, 1),
	RACE_ROW(the_acquire_fence_comes_before_the_load, 1),
	RACE_ROW(a_relaxed_update_continues_a_sequence, 0),
	RACE_ROW(a_relaxed_store_of_another_ends_it, 1),
	RACE_ROW(a_relaxed_store_of_its_head_continues_it, 0),
	RACE_ROW(the_store_after_the_write_replaces, 1),
	RACE_ROW(an_update_hands_on_what_it_read, 0),
};

START_TEST(a_script_shows_just_its_races)
{
	race_script_run(&rows[_i]);
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("detect_race_atomic");
	TCase *tcase = tcase_create("orders");

	tcase_add_checked_fixture(tcase, race_script_begin, race_script_end);
	tcase_add_loop_test(tcase, a_script_shows_just_its_races, 0,
			    sizeof(rows) / sizeof(rows[0]));
	suite_add_tcase(suite, tcase);
	return suite;
}
