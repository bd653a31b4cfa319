/* SPDX-License-Identifier: Apache-2.0 */
/* The read-write lock model: sharing, preferences, deadlines, and every use that is undefined. */
#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "model_script.h"

static pthread_rwlock_t native;
static pthread_rwlock_t *const rw = &native;

static void begin(void)
{
	script_begin();
	native = (pthread_rwlock_t)PTHREAD_RWLOCK_INITIALIZER;
}

#define RDLOCK(l)      OP(RWLOCK_RDLOCK, l)
#define WRLOCK(l)      OP(RWLOCK_WRLOCK, l)
#define TRYRD(l)       OP(RWLOCK_TRYRDLOCK, l)
#define TRYWR(l)       OP(RWLOCK_TRYWRLOCK, l)
#define RWUNLOCK(l)    OP(RWLOCK_UNLOCK, l)
#define PREFER_WRITERS OP(RWLOCK_INIT, rw), .args = { PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP }

START_TEST(readers_share_and_a_writer_waits_for_the_last)
{
	PLAY(DO(0, RDLOCK(rw)), DO(1, RDLOCK(rw)), DO(2, WRLOCK(rw), BLOCKED),
	     DO(0, RWUNLOCK(rw), READY("")), DO(1, RWUNLOCK(rw), READY("2")), GO(2),
	     DO(0, TRYRD(rw), GIVES(EBUSY)), DO(0, TRYWR(rw), GIVES(EBUSY)),
	     DO(0, RDLOCK(rw), BLOCKED), DO(2, RWUNLOCK(rw), READY("0")), GO(0));
}
END_TEST

START_TEST(by_default_a_waiting_writer_keeps_no_reader_out)
{
	PLAY(DO(0, RDLOCK(rw)), DO(1, WRLOCK(rw), BLOCKED), DO(2, RDLOCK(rw)), DO(3, TRYRD(rw)),
	     DO(0, RDLOCK(rw)));
}
END_TEST

START_TEST(a_preferred_writer_keeps_readers_out_even_those_that_read_already)
{
	PLAY(DO(0, PREFER_WRITERS), DO(0, RDLOCK(rw)), DO(1, WRLOCK(rw), AGAIN, READY("")),
	     DO(2, TRYRD(rw), GIVES(EBUSY)), DO(2, RDLOCK(rw), BLOCKED),
	     DO(0, RDLOCK(rw), BLOCKED));
	ck_assert_ptr_eq(script_threads[0].wait_object, rw);
}
END_TEST

START_TEST(a_preferred_writer_lets_readers_in_when_it_is_done)
{
	PLAY(DO(0, PREFER_WRITERS), DO(0, RDLOCK(rw)), DO(1, WRLOCK(rw), AGAIN),
	     DO(2, RDLOCK(rw), BLOCKED), DO(0, RWUNLOCK(rw), READY("12")), GO(2, BLOCKED), GO(1),
	     DO(1, RWUNLOCK(rw), READY("2")), GO(2));
}
END_TEST

START_TEST(a_preferred_writer_lets_readers_in_when_it_gives_up)
{
	PLAY(DO(0, PREFER_WRITERS), DO(0, RDLOCK(rw)), DO(1, WRLOCK(rw), UNTIL(10), AGAIN),
	     DO(2, RDLOCK(rw), BLOCKED), TIME_PASSES, GO(1, GIVES(ETIMEDOUT), READY("2")), GO(2));
}
END_TEST

START_TEST(a_preferred_writer_goes_before_readers_that_woke_with_it)
{
	PLAY(DO(0, PREFER_WRITERS), DO(0, WRLOCK(rw)), DO(1, RDLOCK(rw), BLOCKED),
	     DO(2, WRLOCK(rw), AGAIN), DO(0, RWUNLOCK(rw), READY("12")), GO(1, BLOCKED), GO(2),
	     DO(2, RWUNLOCK(rw), READY("1")), GO(1));
}
END_TEST

START_TEST(glibcs_static_initialiser_prefers_writers)
{
	pthread_rwlock_t fixed = PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP;

	PLAY(DO(0, RDLOCK(&fixed)), DO(1, WRLOCK(&fixed), AGAIN),
	     DO(0, TRYRD(&fixed), GIVES(EBUSY)));
}
END_TEST

START_TEST(a_writer_that_locks_again_is_told_the_deadlock)
{
	PLAY(DO(0, WRLOCK(rw)), DO(0, WRLOCK(rw), GIVES(EDEADLK)),
	     DO(0, RDLOCK(rw), GIVES(EDEADLK)), DO(0, TRYWR(rw), GIVES(EBUSY)),
	     DO(0, TRYRD(rw), GIVES(EBUSY)));
}
END_TEST

START_TEST(a_reader_that_wants_to_write_waits_for_itself)
{
	PLAY(DO(0, RDLOCK(rw)), DO(0, TRYWR(rw), GIVES(EBUSY)), DO(0, WRLOCK(rw), BLOCKED));
	ck_assert_ptr_nonnull(hold_find(&script_threads[0], rw));
	ck_assert_uint_eq(hold_find(&script_threads[0], rw)->mode, HOLD_SHARED);
}
END_TEST

START_TEST(a_reader_unlocks_as_often_as_it_locked)
{
	PLAY(DO(0, RDLOCK(rw)), DO(0, RDLOCK(rw)), DO(1, WRLOCK(rw), BLOCKED),
	     DO(0, RWUNLOCK(rw), READY("")), DO(0, RWUNLOCK(rw), READY("1")), GO(1));
	ck_assert_uint_eq(script_threads[0].hold_count, 0);
	ck_assert_uint_eq(hold_find(&script_threads[1], rw)->mode, HOLD_EXCLUSIVE);
}
END_TEST

START_TEST(deadlines_end_the_waits_of_readers_and_writers)
{
	PLAY(DO(0, WRLOCK(rw)), DO(1, RDLOCK(rw), UNTIL(10), BLOCKED),
	     DO(2, WRLOCK(rw), UNTIL(20), BLOCKED), TIME_PASSES, GO(1, GIVES(ETIMEDOUT)),
	     TIME_PASSES, GO(2, GIVES(ETIMEDOUT)), DO(1, RDLOCK(rw), UNTIL(5), GIVES(ETIMEDOUT)));
}
END_TEST

START_TEST(unlocking_what_one_does_not_hold_is_told)
{
	PLAY(DO(0, RWUNLOCK(rw), TELLS(UNLOCK_UNLOCKED)), DO(1, WRLOCK(rw)),
	     DO(0, RWUNLOCK(rw), TELLS(UNLOCK_NOT_OWNER), WITH(1, 1)), DO(2, WRLOCK(rw)),
	     DO(2, RWUNLOCK(rw)), DO(3, RDLOCK(rw)),
	     DO(0, RWUNLOCK(rw), TELLS(UNLOCK_NOT_OWNER), WITH(3, 5)), DO(2, WRLOCK(rw)));
}
END_TEST

START_TEST(a_thread_whose_holds_were_lost_count_of_is_not_accused)
{
	static pthread_mutex_t many[HOLDS_MAX];

	for (int i = 0; i < HOLDS_MAX; i++)
		PLAY(DO(0, LOCK(&many[i])));
	PLAY(DO(0, RDLOCK(rw)), DO(0, RWUNLOCK(rw)), DO(1, WRLOCK(rw)));
}
END_TEST

START_TEST(destroying_a_held_lock_is_told)
{
	PLAY(DO(0, RDLOCK(rw)), DO(1, OP(RWLOCK_DESTROY, rw), TELLS(DESTROY_HELD), WITH(0, 0)));
	begin();
	PLAY(DO(0, WRLOCK(rw)), DO(1, OP(RWLOCK_DESTROY, rw), TELLS(DESTROY_HELD), WITH(0, 0)));
}
END_TEST

START_TEST(every_use_of_a_destroyed_lock_names_who_destroyed_it)
{
	PLAY(DO(0, OP(RWLOCK_DESTROY, rw)), DO(1, RDLOCK(rw), TELLS(USE_DESTROYED), WITH(0, 0)),
	     DO(1, RWUNLOCK(rw), TELLS(USE_DESTROYED), WITH(0, 0)),
	     DO(1, OP(RWLOCK_DESTROY, rw), TELLS(DOUBLE_DESTROY), WITH(0, 0)),
	     DO(1, OP(RWLOCK_INIT, rw)), DO(1, WRLOCK(rw)));
}
END_TEST

START_TEST(bytes_that_are_no_lock_are_told)
{
	memset(&native, 0xa5, sizeof(native));
	PLAY(DO(0, RDLOCK(rw), GIVES(EINVAL), TELLS(UNINITIALISED)),
	     DO(0, TRYWR(rw), GIVES(EINVAL), TELLS(UNINITIALISED)),
	     DO(0, RWUNLOCK(rw), GIVES(EINVAL), TELLS(UNINITIALISED)), DO(0, OP(RWLOCK_INIT, rw)),
	     DO(0, WRLOCK(rw)));
}
END_TEST

START_TEST(initialising_a_held_lock_is_told_and_frees_it)
{
	PLAY(DO(0, RDLOCK(rw)), DO(1, RDLOCK(rw)),
	     DO(2, OP(RWLOCK_INIT, rw), TELLS(REINITIALISED), WITH(0, 0)), DO(2, WRLOCK(rw)));
	ck_assert_uint_eq(script_threads[0].hold_count, 0);
	ck_assert_uint_eq(script_threads[1].hold_count, 0);
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("model_rwlock");
	TCase *tcase = tcase_create("rwlock");

	tcase_add_checked_fixture(tcase, begin, NULL);
	tcase_add_test(tcase, readers_share_and_a_writer_waits_for_the_last);
	tcase_add_test(tcase, by_default_a_waiting_writer_keeps_no_reader_out);
	tcase_add_test(tcase, a_preferred_writer_keeps_readers_out_even_those_that_read_already);
	tcase_add_test(tcase, a_preferred_writer_lets_readers_in_when_it_is_done);
	tcase_add_test(tcase, a_preferred_writer_lets_readers_in_when_it_gives_up);
	tcase_add_test(tcase, a_preferred_writer_goes_before_readers_that_woke_with_it);
	tcase_add_test(tcase, glibcs_static_initialiser_prefers_writers);
	tcase_add_test(tcase, a_writer_that_locks_again_is_told_the_deadlock);
	tcase_add_test(tcase, a_reader_that_wants_to_write_waits_for_itself);
	tcase_add_test(tcase, a_reader_unlocks_as_often_as_it_locked);
	tcase_add_test(tcase, deadlines_end_the_waits_of_readers_and_writers);
	tcase_add_test(tcase, unlocking_what_one_does_not_hold_is_told);
	tcase_add_test(tcase, a_thread_whose_holds_were_lost_count_of_is_not_accused);
	tcase_add_test(tcase, destroying_a_held_lock_is_told);
	tcase_add_test(tcase, every_use_of_a_destroyed_lock_names_who_destroyed_it);
	tcase_add_test(tcase, bytes_that_are_no_lock_are_told);
	tcase_add_test(tcase, initialising_a_held_lock_is_told_and_frees_it);
	suite_add_tcase(suite, tcase);
	return suite;
}
