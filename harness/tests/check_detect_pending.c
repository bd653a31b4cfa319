/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which older values a load may read, from scripted runs of two or three threads. The litmus tests
 * of programs/litmus.c ask the same of the whole engine.
 */
#include "race_script.h"

#include <string.h>

#include "detect/pending.h"

enum { X = 0x1000, Y = 0x2000, SIZE = 4 };

static struct pending pending;
static struct pending_choice choice;
static uint64_t memory[2]; /* of X and Y */

static void begin(void)
{
	race_script_begin();
	pending_begin(&pending);
	memset(memory, 0, sizeof(memory));
	create(0, 1), create(0, 2), create(0, 3);
}

static uint64_t *at(uint64_t object)
{
	return &memory[object == Y];
}

/* As the engine does it: the access, the pending store, the store. */
static void store(thread_id t, uint64_t object, uint64_t value, int order)
{
	access_at(t, object == Y ? 3 : 2, WORD | RACE_WRITE | RACE_ATOMIC);
	if (order == __ATOMIC_SEQ_CST) {
		pending_overwritten(&pending, object, SIZE);
		pending_publish(&pending, race, t);
	} else {
		pending_store(&pending, race, t, object, SIZE, *at(object), value);
	}
	*at(object) = value;
	race_atomic_store(race, t, object, order);
}

/* How many stores the load may pass over. */
static uint32_t may_pass(thread_id t, uint64_t object)
{
	pending_look(&pending, race, t, object, SIZE, *at(object), &choice);
	return choice.count;
}

/* What it reads when it passes over so many. */
static uint64_t load(thread_id t, uint64_t object, uint32_t few, int order)
{
	const struct pending_store *missed;

	ck_assert_uint_ge(may_pass(t, object), few);
	missed = choice.count ? pending_load(&pending, t, &choice, few) : NULL;
	if (missed) {
		race_atomic_load_of(race, t, &missed->before, order);
		return missed->old;
	}
	race_atomic_load(race, t, object, order);
	return *at(object);
}

START_TEST(another_thread_may_miss_a_store_and_its_own_may_not)
{
	store(1, X, 7, __ATOMIC_RELEASE);
	ck_assert_uint_eq(may_pass(1, X), 0);
	ck_assert_uint_eq(may_pass(2, X), 1);
	ck_assert_uint_eq(may_pass(2, Y), 0);
	ck_assert_uint_eq(load(2, X, 1, __ATOMIC_ACQUIRE), 0);
	ck_assert_uint_eq(load(1, X, 0, __ATOMIC_ACQUIRE), 7);
}
END_TEST

START_TEST(a_sequentially_consistent_store_is_seen_and_what_came_before_it_too)
{
	store(1, X, 7, __ATOMIC_RELAXED);
	store(1, Y, 8, __ATOMIC_SEQ_CST);
	ck_assert_uint_eq(may_pass(2, Y), 0);
	ck_assert_uint_eq(may_pass(2, X), 0);
}
END_TEST

START_TEST(what_was_read_is_not_missed_by_anybody)
{
	store(1, X, 7, __ATOMIC_RELAXED);
	ck_assert_uint_eq(load(2, X, 0, __ATOMIC_RELAXED), 7);
	ck_assert_uint_eq(may_pass(2, X), 0);
	ck_assert_uint_eq(may_pass(3, X), 0);
}
END_TEST

START_TEST(of_two_stores_either_may_be_the_last_that_is_seen)
{
	store(1, X, 7, __ATOMIC_RELAXED);
	store(1, X, 8, __ATOMIC_RELAXED);
	ck_assert_uint_eq(load(2, X, 2, __ATOMIC_RELAXED), 0);
	ck_assert_uint_eq(load(2, X, 1, __ATOMIC_RELAXED), 7);
	ck_assert_uint_eq(may_pass(2, X), 1);
	ck_assert_uint_eq(may_pass(3, X), 1);
	ck_assert_uint_eq(load(3, X, 0, __ATOMIC_RELAXED), 8);
	ck_assert_uint_eq(may_pass(2, X), 0);
}
END_TEST

START_TEST(behind_an_own_store_only_later_ones_may_be_missed)
{
	store(1, X, 7, __ATOMIC_RELAXED);
	store(2, X, 8, __ATOMIC_RELAXED);
	store(3, X, 9, __ATOMIC_RELAXED);
	ck_assert_uint_eq(may_pass(3, X), 0);
	ck_assert_uint_eq(may_pass(2, X), 1);
	ck_assert_uint_eq(load(2, X, 1, __ATOMIC_RELAXED), 8);
	ck_assert_uint_eq(may_pass(1, X), 2);
}
END_TEST

START_TEST(who_acquires_misses_nothing_that_came_before_the_release)
{
	store(1, X, 7, __ATOMIC_RELAXED);
	store(1, Y, 8, __ATOMIC_RELEASE);
	ck_assert_uint_eq(load(2, Y, 0, __ATOMIC_ACQUIRE), 8);
	ck_assert_uint_eq(may_pass(2, X), 0);
}
END_TEST

START_TEST(who_does_not_may_miss_it)
{
	store(1, X, 7, __ATOMIC_RELAXED);
	store(1, Y, 8, __ATOMIC_RELEASE);
	ck_assert_uint_eq(load(2, Y, 0, __ATOMIC_RELAXED), 8);
	ck_assert_uint_eq(may_pass(2, X), 1);
	race_fence(race, 2, __ATOMIC_ACQUIRE);
	ck_assert_uint_eq(may_pass(2, X), 0);
}
END_TEST

START_TEST(an_older_value_tells_what_its_own_release_told)
{
	writes(3);
	store(3, X, 5, __ATOMIC_RELEASE);
	ck_assert_uint_eq(load(1, X, 0, __ATOMIC_ACQUIRE), 5);
	access_at(1, 1, WORD | RACE_WRITE);
	store(1, X, 6, __ATOMIC_RELEASE);
	ck_assert_uint_eq(load(2, X, 1, __ATOMIC_ACQUIRE), 5);
	reads(2);
	ck_assert_uint_eq(pairs, 0);
	access_at(2, 1, WORD);
	ck_assert_uint_eq(pairs, 1);
}
END_TEST

START_TEST(a_fence_publishes_what_the_thread_knows_of_others_as_well)
{
	store(1, X, 7, __ATOMIC_RELAXED);
	store(1, Y, 8, __ATOMIC_RELEASE);
	ck_assert_uint_eq(load(2, Y, 0, __ATOMIC_ACQUIRE), 8);
	ck_assert_uint_eq(may_pass(3, X), 1);
	pending_publish(&pending, race, 2);
	ck_assert_uint_eq(may_pass(3, X), 0);
}
END_TEST

START_TEST(a_fence_of_a_thread_that_does_not_know_publishes_nothing)
{
	store(1, X, 7, __ATOMIC_RELAXED);
	pending_publish(&pending, race, 2);
	ck_assert_uint_eq(may_pass(3, X), 1);
}
END_TEST

START_TEST(an_update_is_seen_by_all)
{
	store(1, X, 7, __ATOMIC_RELAXED);
	pending_overwritten(&pending, X, SIZE);
	ck_assert_uint_eq(may_pass(2, X), 0);
}
END_TEST

START_TEST(a_store_of_other_bytes_of_it_ends_the_choice)
{
	store(1, X, 7, __ATOMIC_RELAXED);
	pending_store(&pending, race, 1, X + 2, 1, 0, 9);
	ck_assert_uint_eq(may_pass(2, X), 0);
}
END_TEST

START_TEST(what_was_written_in_another_way_ends_the_choice)
{
	store(1, X, 7, __ATOMIC_RELAXED);
	memory[0] = 3;
	ck_assert_uint_eq(may_pass(2, X), 0);
	memory[0] = 7;
	ck_assert_uint_eq(may_pass(2, X), 0);
}
END_TEST

START_TEST(a_store_of_the_same_value_hides_what_is_older)
{
	store(1, X, 7, __ATOMIC_RELAXED);
	store(2, X, 7, __ATOMIC_RELAXED);
	ck_assert_uint_eq(may_pass(2, X), 0);
	ck_assert_uint_eq(may_pass(3, X), 0);
}
END_TEST

START_TEST(a_store_is_missed_a_bounded_number_of_times)
{
	store(1, X, 7, __ATOMIC_RELAXED);
	for (int i = 0; i < PENDING_PASSES; i++)
		ck_assert_uint_eq(load(2, X, 1, __ATOMIC_RELAXED), 0);
	ck_assert_uint_eq(may_pass(2, X), 0);
	ck_assert_uint_eq(may_pass(3, X), 0);
}
END_TEST

START_TEST(of_too_many_the_oldest_is_seen)
{
	store(1, Y, 7, __ATOMIC_RELAXED);
	for (uint64_t i = 1; i < PENDING_MAX; i++)
		pending_store(&pending, race, 1, X + 8 * i, SIZE, 0, 1);
	ck_assert_uint_eq(may_pass(2, Y), 1);
	pending_store(&pending, race, 1, X, SIZE, 0, 1);
	ck_assert_uint_eq(pending.count, PENDING_MAX);
	ck_assert_uint_eq(may_pass(2, Y), 0);
}
END_TEST

/* Their clocks are of the race's memory, of which a long schedule must not need ever more. */
START_TEST(clocks_of_what_was_seen_are_used_again)
{
	size_t used = 0;

	for (uint64_t i = 1; i < 5000; i++) {
		store(1, X, i, __ATOMIC_RELEASE);
		store(3, Y, i, __ATOMIC_RELEASE);
		ck_assert_uint_eq(load(2, X, 1, __ATOMIC_ACQUIRE), i - 1);
		ck_assert_uint_eq(load(2, X, 0, __ATOMIC_ACQUIRE), i);
		ck_assert_uint_eq(load(1, Y, 0, __ATOMIC_ACQUIRE), i);
		if (i == 100)
			used = race->arena.used;
	}
	ck_assert_uint_eq(race->arena.used, used);
	ck_assert(!race->blind);
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("detect_pending");
	TCase *tests = tcase_create("loads");

	tcase_add_checked_fixture(tests, begin, race_script_end);
	tcase_add_test(tests, another_thread_may_miss_a_store_and_its_own_may_not);
	tcase_add_test(tests, a_sequentially_consistent_store_is_seen_and_what_came_before_it_too);
	tcase_add_test(tests, what_was_read_is_not_missed_by_anybody);
	tcase_add_test(tests, of_two_stores_either_may_be_the_last_that_is_seen);
	tcase_add_test(tests, behind_an_own_store_only_later_ones_may_be_missed);
	tcase_add_test(tests, who_acquires_misses_nothing_that_came_before_the_release);
	tcase_add_test(tests, who_does_not_may_miss_it);
	tcase_add_test(tests, an_older_value_tells_what_its_own_release_told);
	tcase_add_test(tests, a_fence_publishes_what_the_thread_knows_of_others_as_well);
	tcase_add_test(tests, a_fence_of_a_thread_that_does_not_know_publishes_nothing);
	tcase_add_test(tests, an_update_is_seen_by_all);
	tcase_add_test(tests, a_store_of_other_bytes_of_it_ends_the_choice);
	tcase_add_test(tests, what_was_written_in_another_way_ends_the_choice);
	tcase_add_test(tests, a_store_of_the_same_value_hides_what_is_older);
	tcase_add_test(tests, a_store_is_missed_a_bounded_number_of_times);
	tcase_add_test(tests, of_too_many_the_oldest_is_seen);
	tcase_add_test(tests, clocks_of_what_was_seen_are_used_again);
	suite_add_tcase(suite, tests);
	return suite;
}
