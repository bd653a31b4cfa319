/* SPDX-License-Identifier: Apache-2.0 */
/* The semaphore model: values, how a wait may end, and every use that is undefined. */
#include "model/sem.h"

#include <errno.h>
#include <string.h>

#include "model_script.h"

static sem_t sem;
static sem_t *const s = &sem;

static void begin(void)
{
	script_begin();
	memset(s, 0, sizeof(*s));
}

#define SEM(v)   OP(SEM_INIT, s), .args = { (v) }
#define SEM_WAIT OP(SEM_WAIT, s), .flags = OP_CANCELLATION_POINT | OP_INTERRUPTIBLE
#define SEM_POST OP(SEM_POST, s)

START_TEST(a_semaphore_lets_in_as_many_as_its_value)
{
	PLAY(DO(0, SEM(2)), DO(0, SEM_WAIT), DO(1, SEM_WAIT), DO(2, SEM_WAIT, BLOCKED),
	     DO(3, OP(SEM_TRYWAIT, s), GIVES(EAGAIN)), DO(0, SEM_POST, READY("2")), GO(2),
	     DO(0, SEM_POST), DO(0, SEM_POST), DO(0, OP(SEM_GETVALUE, s), GIVES(2)),
	     DO(3, OP(SEM_TRYWAIT, s)), DO(0, OP(SEM_GETVALUE, s), GIVES(1)));
}
END_TEST

START_TEST(a_posted_value_belongs_to_whoever_comes_first)
{
	PLAY(DO(0, SEM_WAIT, BLOCKED), DO(1, SEM_WAIT, BLOCKED), DO(2, SEM_POST, READY("01")),
	     DO(3, OP(SEM_TRYWAIT, s)), GO(0, BLOCKED), GO(1, BLOCKED),
	     DO(3, SEM_POST, READY("01")), GO(1), GO(0, BLOCKED));
}
END_TEST

START_TEST(a_semaphore_wait_ends_by_deadline_handler_and_cancel)
{
	PLAY(DO(0, SEM_WAIT, UNTIL(10), BLOCKED), TIME_PASSES, GO(0, GIVES(ETIMEDOUT)),
	     DO(0, SEM_WAIT, UNTIL(5), GIVES(ETIMEDOUT)), DO(1, SEM_WAIT, BLOCKED),
	     DO(2, SEM_WAIT, BLOCKED));
	world_wake(&script_world, &script_threads[1]);
	world_wake(&script_world, &script_threads[2]);
	PLAY(GO(1, RAISED(OP_INTERRUPTED), GIVES(EINTR)),
	     GO(2, RAISED(OP_CANCELLED), GIVES(MODEL_CANCELLED)));
}
END_TEST

START_TEST(a_cancelled_wait_leaves_the_value_to_others)
{
	PLAY(DO(0, SEM_WAIT, BLOCKED), DO(1, SEM_POST, READY("0")),
	     GO(0, RAISED(OP_CANCELLED), GIVES(MODEL_CANCELLED)), DO(2, OP(SEM_TRYWAIT, s)));
}
END_TEST

START_TEST(an_interrupted_wait_takes_a_value_that_is_there)
{
	PLAY(DO(0, SEM_WAIT, BLOCKED), DO(1, SEM_POST), GO(0, RAISED(OP_INTERRUPTED)));
}
END_TEST

START_TEST(the_value_has_a_limit)
{
	PLAY(DO(0, SEM(SEM_VALUE_MAX + 1UL), GIVES(EINVAL)), DO(0, SEM(SEM_VALUE_MAX)),
	     DO(0, SEM_POST, GIVES(EOVERFLOW), TELLS(SEM_OVERFLOW)),
	     DO(0, OP(SEM_GETVALUE, s), GIVES(SEM_VALUE_MAX)));
}
END_TEST

START_TEST(destroying_a_semaphore_that_is_waited_for_is_told)
{
	PLAY(DO(0, SEM(0)), DO(1, SEM_WAIT, BLOCKED),
	     DO(0, OP(SEM_DESTROY, s), TELLS(DESTROY_WAITED), WITH(1, 1)));
}
END_TEST

START_TEST(who_is_about_to_wait_for_nothing_counts_as_waiting)
{
	PLAY(DO(0, SEM(0)));
	script_publish(1, OP_SEM_WAIT, s);
	PLAY(DO(0, OP(SEM_DESTROY, s), TELLS(DESTROY_WAITED), WITH(1, 1)));
	begin();
	PLAY(DO(0, SEM(1)));
	script_publish(1, OP_SEM_WAIT, s);
	PLAY(DO(0, OP(SEM_DESTROY, s)));
}
END_TEST

START_TEST(an_idle_semaphore_may_be_initialised_again)
{
	PLAY(DO(0, SEM(2)), DO(0, SEM(0)), DO(0, OP(SEM_TRYWAIT, s), GIVES(EAGAIN)));
}
END_TEST

START_TEST(main_counts_as_waiting_like_any_other)
{
	PLAY(DO(0, SEM_WAIT, BLOCKED),
	     DO(1, OP(SEM_DESTROY, s), TELLS(DESTROY_WAITED), WITH(0, 0)));
}
END_TEST

START_TEST(misused_semaphores_are_told)
{
	PLAY(DO(0, SEM(1)), DO(0, OP(SEM_DESTROY, s)),
	     DO(1, SEM_POST, TELLS(USE_DESTROYED), WITH(0, 1)),
	     DO(1, SEM_WAIT, TELLS(USE_DESTROYED), WITH(0, 1)),
	     DO(1, OP(SEM_DESTROY, s), TELLS(DOUBLE_DESTROY), WITH(0, 1)), DO(1, SEM(0)),
	     DO(2, SEM_WAIT, BLOCKED), DO(1, SEM(0), TELLS(REINITIALISED), WITH(2, 6)));
	begin();
	memset(&sem, 0xa5, sizeof(sem));
	PLAY(DO(0, SEM_WAIT, GIVES(EINVAL), TELLS(UNINITIALISED)),
	     DO(0, SEM_POST, GIVES(EINVAL), TELLS(UNINITIALISED)),
	     DO(0, OP(SEM_GETVALUE, s), GIVES(-EINVAL), TELLS(UNINITIALISED)));
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("model_sem");
	TCase *tcase = tcase_create("sem");

	tcase_add_checked_fixture(tcase, begin, NULL);
	tcase_add_test(tcase, a_semaphore_lets_in_as_many_as_its_value);
	tcase_add_test(tcase, a_posted_value_belongs_to_whoever_comes_first);
	tcase_add_test(tcase, a_semaphore_wait_ends_by_deadline_handler_and_cancel);
	tcase_add_test(tcase, a_cancelled_wait_leaves_the_value_to_others);
	tcase_add_test(tcase, an_interrupted_wait_takes_a_value_that_is_there);
	tcase_add_test(tcase, the_value_has_a_limit);
	tcase_add_test(tcase, destroying_a_semaphore_that_is_waited_for_is_told);
	tcase_add_test(tcase, who_is_about_to_wait_for_nothing_counts_as_waiting);
	tcase_add_test(tcase, misused_semaphores_are_told);
	tcase_add_test(tcase, an_idle_semaphore_may_be_initialised_again);
	tcase_add_test(tcase, main_counts_as_waiting_like_any_other);
	suite_add_tcase(suite, tcase);
	return suite;
}
