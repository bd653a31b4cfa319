/* SPDX-License-Identifier: Apache-2.0 */
/* The model of pthread_once() and call_once(). */
#include <pthread.h>
#include <string.h>

#include "model_script.h"

static pthread_once_t once_control;
static void *const o = &once_control;

static void begin(void)
{
	script_begin();
	once_control = PTHREAD_ONCE_INIT;
}

#define ENTER    OP(ONCE_BEGIN, o)
#define COMPLETE OP(ONCE_END, o)

START_TEST(one_thread_runs_the_initialiser_and_the_others_wait_for_it)
{
	PLAY(DO(0, ENTER, GIVES(ONCE_RUN)), DO(1, ENTER, BLOCKED), DO(2, ENTER, BLOCKED),
	     DO(0, COMPLETE, READY("12")), GO(1, GIVES(ONCE_DONE)), GO(2, GIVES(ONCE_DONE)),
	     DO(0, ENTER, GIVES(ONCE_DONE)));
	ck_assert_uint_eq(script_threads[0].hold_count, 0);
}
END_TEST

START_TEST(an_abandoned_initialiser_is_run_by_the_next)
{
	PLAY(DO(0, ENTER, GIVES(ONCE_RUN)), DO(1, ENTER, BLOCKED), DO(2, ENTER, BLOCKED),
	     DO(0, OP(ONCE_ABANDON, o), READY("12")), GO(2, GIVES(ONCE_RUN)), GO(1, BLOCKED),
	     DO(2, COMPLETE), GO(1, GIVES(ONCE_DONE)));
}
END_TEST

START_TEST(an_initialiser_that_enters_its_own_once_is_told_and_waits_for_itself)
{
	PLAY(DO(0, ENTER, GIVES(ONCE_RUN)),
	     DO(0, ENTER, BLOCKED, TELLS(ONCE_RECURSIVE), WITH(0, 0)));
	ck_assert_ptr_eq(hold_owner(&script_world, o), &script_threads[0]);
}
END_TEST

START_TEST(a_once_control_of_arbitrary_bytes_is_told)
{
	memset(o, 0xa5, sizeof(once_control));
	PLAY(DO(0, ENTER, GIVES(ONCE_DONE), TELLS(UNINITIALISED)));
}
END_TEST

START_TEST(what_glibc_left_as_done_is_done)
{
	once_control = 2;
	PLAY(DO(0, ENTER, GIVES(ONCE_DONE)));
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("model_once");
	TCase *tcase = tcase_create("once");

	tcase_add_checked_fixture(tcase, begin, NULL);
	tcase_add_test(tcase, one_thread_runs_the_initialiser_and_the_others_wait_for_it);
	tcase_add_test(tcase, an_abandoned_initialiser_is_run_by_the_next);
	tcase_add_test(tcase, an_initialiser_that_enters_its_own_once_is_told_and_waits_for_itself);
	tcase_add_test(tcase, a_once_control_of_arbitrary_bytes_is_told);
	tcase_add_test(tcase, what_glibc_left_as_done_is_done);
	suite_add_tcase(suite, tcase);
	return suite;
}
