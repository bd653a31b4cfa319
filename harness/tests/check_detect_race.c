/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Races, from scripted runs of up to four threads. Each run that must be reported stands beside one
 * that differs in an order or a byte and must not be. The expected number is that of racing pairs
 * in the whole script.
 */
#include <string.h>

#include "race_script.h"

/* ---- scripts ---- */

static void two_writes(void)
{
	two(), writes(1), writes(2);
}
static void a_read_and_a_write(void)
{
	two(), reads(1), writes(2);
}
static void a_write_and_a_read(void)
{
	two(), writes(1), reads(2);
}
static void two_reads(void)
{
	two(), reads(1), reads(2);
}
static void one_thread_alone(void)
{
	writes(0), reads(0), writes(0);
}
static void created_after_the_write(void)
{
	writes(0), create(0, 1), writes(1);
}
static void creator_writes_after_the_creation(void)
{
	create(0, 1), writes(0), writes(1);
}
static void joined_before_the_write(void)
{
	create(0, 1), writes(1), race_thread_join(race, 0, 1), writes(0);
}
static void written_before_the_join(void)
{
	create(0, 1), writes(1), writes(0), race_thread_join(race, 0, 1);
}
static void both_under_one_lock(void)
{
	two(), under_lock(1, writes), under_lock(2, writes);
}
static void one_outside_the_lock(void)
{
	two(), under_lock(1, writes), writes(2);
}
static void after_the_unlock(void)
{
	two(), under_lock(1, reads), writes(1), under_lock(2, reads), reads(2);
}
static void other_bytes_of_one_granule(void)
{
	two(), access_at(1, 0, WORD | RACE_WRITE), access_at(2, 0, HIGH | RACE_WRITE);
}
static void a_byte_of_the_word(void)
{
	two(), writes(1), access_at(2, 0, LOW | RACE_WRITE);
}
static void three_readers_and_a_writer(void)
{
	two(), create(0, 3);
	reads(0), reads(1), reads(2), writes(3);
}
static void two_atomics(void)
{
	two(), atomic_writes(1), atomic_writes(2), atomic_reads(1);
}
static void an_atomic_and_a_plain_write(void)
{
	two(), atomic_writes(1), writes(2);
}
static void an_atomic_read_and_a_plain_read(void)
{
	two(), atomic_reads(1), reads(2);
}
static void an_atomic_read_and_a_plain_write(void)
{
	two(), atomic_reads(1), writes(2);
}
static void plain_after_atomic_of_the_same_thread(void)
{
	two(), atomic_reads(1), reads(1), atomic_writes(2);
}

static void readers_of_a_rwlock(void)
{
	two();
	race_write_locked(race, 1, LOCK), writes(1), race_rw_unlocked(race, 1, LOCK);
	race_read_locked(race, 2, LOCK), reads(2), race_rw_unlocked(race, 2, LOCK);
	race_write_locked(race, 1, LOCK), writes(1), race_rw_unlocked(race, 1, LOCK);
}
static void a_write_under_the_read_lock(void)
{
	two();
	race_read_locked(race, 1, LOCK), writes(1), race_rw_unlocked(race, 1, LOCK);
	race_read_locked(race, 2, LOCK), reads(2), race_rw_unlocked(race, 2, LOCK);
}
static void forgotten_releases_order_nothing(void)
{
	two(), writes(1), race_release(race, 1, LOCK);
	race_forget(race, LOCK);
	race_acquire(race, 2, LOCK), writes(2);
}
static void transitively_through_a_third(void)
{
	two(), create(0, 3), writes(1), race_release(race, 1, 1);
	race_acquire(race, 2, 1), race_release(race, 2, 2);
	race_acquire(race, 3, 2), writes(3);
}
static void a_write_hidden_by_a_later_read(void)
{
	/* 2 read in order after 1's write; that read must not make the write forgotten for 3. */
	two(), create(0, 3), writes(1), race_release(race, 1, LOCK);
	race_acquire(race, 2, LOCK), reads(2), reads(3);
}
static void a_read_after_the_write_that_raced(void)
{
	two(), writes(2), writes(1), reads(1);
}
static void a_read_that_the_own_write_covers(void)
{
	two(), writes(1), writes(2), reads(1);
}
static void earlier_epochs_of_the_same_thread(void)
{
	two(), writes(1), race_release(race, 1, LOCK), writes(1), race_release(race, 1, LOCK);
	race_acquire(race, 2, LOCK), writes(2);
}

static const struct race_row rows[] = {
	RACE_ROW(two_writes, 1),
	RACE_ROW(a_read_and_a_write, 1),
	RACE_ROW(a_write_and_a_read, 1),
	RACE_ROW(two_reads, 0),
	RACE_ROW(one_thread_alone, 0),
	RACE_ROW(created_after_the_write, 0),
	RACE_ROW(creator_writes_after_the_creation, 1),
	RACE_ROW(joined_before_the_write, 0),
	RACE_ROW(written_before_the_join, 1),
	RACE_ROW(both_under_one_lock, 0),
	RACE_ROW(one_outside_the_lock, 1),
	RACE_ROW(after_the_unlock, 2),
	RACE_ROW(other_bytes_of_one_granule, 0),
	RACE_ROW(a_byte_of_the_word, 1),
	RACE_ROW(three_readers_and_a_writer, 2 + 1),
	RACE_ROW(two_atomics, 0),
	RACE_ROW(an_atomic_and_a_plain_write, 1),
	RACE_ROW(an_atomic_read_and_a_plain_read, 0),
	RACE_ROW(an_atomic_read_and_a_plain_write, 1),
	RACE_ROW(plain_after_atomic_of_the_same_thread, 1),
	RACE_ROW(readers_of_a_rwlock, 0),
	RACE_ROW(a_write_under_the_read_lock, 1),
	RACE_ROW(forgotten_releases_order_nothing, 1),
	RACE_ROW(transitively_through_a_third, 0),
	RACE_ROW(a_write_hidden_by_a_later_read, 1),
	RACE_ROW(a_read_after_the_write_that_raced, 2),
	RACE_ROW(a_read_that_the_own_write_covers, 2),
	RACE_ROW(earlier_epochs_of_the_same_thread, 0),
};

START_TEST(a_script_shows_just_its_races)
{
	race_script_run(&rows[_i]);
}
END_TEST

START_TEST(the_other_side_is_told)
{
	two(), writes(1), access_at(2, 0, LOW);
	ck_assert_uint_eq(pairs, 1);
	ck_assert_uint_eq(last.thread, 1);
	ck_assert_uint_eq(last.pc, 101);
	ck_assert(last.write && !last.atomic && !last.freed);
	ck_assert_uint_eq(last.bytes, WORD);
}
END_TEST

START_TEST(an_access_of_the_epoch_is_remembered_and_a_stronger_one_is_not)
{
	const uint32_t epoch = race_epoch(race, 0) << RACE_EPOCH_SHIFT;

	reads(0);
	ck_assert(race_remembers(cells[0], epoch, WORD, 0));
	ck_assert(race_remembers(cells[0], epoch, LOW, 0));
	ck_assert(race_remembers(cells[0], epoch, WORD, RACE_ATOMIC));
	ck_assert(!race_remembers(cells[0], epoch, WORD, RACE_WRITE));
	ck_assert(!race_remembers(cells[0], epoch, WORD | HIGH, 0));
	writes(0);
	ck_assert(race_remembers(cells[0], epoch, WORD, RACE_WRITE));
	atomic_writes(0);
	access_at(0, 1, WORD | RACE_ATOMIC | RACE_WRITE);
	ck_assert(!race_remembers(cells[1], epoch, WORD, 0));
}
END_TEST

START_TEST(the_schedule_before_left_nothing)
{
	two(), writes(1);
	ck_assert(!race_begin(race));
	race_thread_begin(race, 0, THREAD_NONE);
	two(), writes(2);
	ck_assert_uint_eq(pairs, 0);
	writes(1);
	ck_assert_uint_eq(pairs, 1);
}
END_TEST

START_TEST(a_schedule_begins_anew_before_the_epochs_run_out)
{
	bool anew = false;
	unsigned schedules = 0;

	while (!anew) {
		for (unsigned i = 0; i < 4000; i++) {
			writes(0);
			race_release(race, 0, LOCK);
		}
		ck_assert(!race->blind);
		anew = race_begin(race);
		race_thread_begin(race, 0, THREAD_NONE);
		schedules++;
	}
	ck_assert_uint_gt(schedules, 100);
	ck_assert_uint_lt(race_epoch(race, 0), 4);
}
END_TEST

START_TEST(who_runs_out_of_epochs_is_blind_and_silent)
{
	two();
	while (!race->blind) {
		writes(1);
		race_release(race, 1, LOCK);
	}
	writes(2);
	ck_assert_uint_eq(pairs, 0);
	race_begin(race);
	ck_assert_uint_eq(race->blinded, 1);
	ck_assert(!race->blind);
}
END_TEST

START_TEST(an_epoch_without_accesses_is_not_spent)
{
	const uint32_t before = race->next;

	for (unsigned i = 0; i < 100; i++)
		race_release(race, 0, LOCK);
	ck_assert_uint_eq(race->next, before);
	writes(0);
	race_release(race, 0, LOCK);
	ck_assert_uint_eq(race->next, before + 2);
}
END_TEST

START_TEST(freed_memory_is_told_until_it_is_cleared)
{
	two(), writes(1);
	race_freed(race, 1, cells[0], 77);
	reads(1);
	ck_assert_uint_eq(pairs, 1);
	ck_assert(last.freed && last.pc == 77 && last.thread == 1);
	reads(2);
	ck_assert_uint_eq(pairs, 2);
	memset(cells, 0, sizeof(cells));
	reads(2);
	ck_assert_uint_eq(pairs, 2);
}
END_TEST

START_TEST(a_fifth_access_is_counted_as_forgotten)
{
	for (thread_id t = 1; t <= 5; t++)
		create(0, t);
	for (thread_id t = 1; t <= 5; t++)
		reads(t);
	ck_assert_uint_eq(race->forgotten, 1);
	ck_assert_uint_eq(pairs, 0);
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("detect_race");
	TCase *tcase = tcase_create("races");

	tcase_add_checked_fixture(tcase, race_script_begin, race_script_end);
	tcase_add_loop_test(tcase, a_script_shows_just_its_races, 0,
			    sizeof(rows) / sizeof(rows[0]));
	tcase_add_test(tcase, the_other_side_is_told);
	tcase_add_test(tcase, an_access_of_the_epoch_is_remembered_and_a_stronger_one_is_not);
	tcase_add_test(tcase, the_schedule_before_left_nothing);
	tcase_add_test(tcase, a_schedule_begins_anew_before_the_epochs_run_out);
	tcase_add_test(tcase, who_runs_out_of_epochs_is_blind_and_silent);
	tcase_add_test(tcase, an_epoch_without_accesses_is_not_spent);
	tcase_add_test(tcase, freed_memory_is_told_until_it_is_cleared);
	tcase_add_test(tcase, a_fifth_access_is_counted_as_forgotten);
	suite_add_tcase(suite, tcase);
	return suite;
}
