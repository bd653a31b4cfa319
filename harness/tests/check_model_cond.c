/* SPDX-License-Identifier: Apache-2.0 */
/* The condition variable model: stages, who is woken, how a wait may end, and every use that is
 * undefined. */
#include <errno.h>
#include <string.h>

#include "model/cond.h"
#include "model/mutex.h"
#include "model_script.h"

static pthread_mutex_t mutex, second;
static pthread_cond_t cond;
static struct mutex *const m = (struct mutex *)(void *)&mutex;
static struct cond *const c = (struct cond *)(void *)&cond;

static void begin(void)
{
	script_begin();
	mutex = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
	second = mutex;
	cond = (pthread_cond_t)PTHREAD_COND_INITIALIZER;
}

/* Thread t waits on the condition. */
#define WAITS(t) DO(t, LOCK(m)), DO(t, WAIT(c, m), AGAIN)

START_TEST(a_wait_gives_up_the_mutex_and_gets_it_back_after_a_signal)
{
	PLAY(DO(0, LOCK(m)), DO(0, WAIT(c, m), AGAIN, AUX(EVENT_AUX_STAGE), READY("")),
	     DO(1, LOCK(m)), DO(1, SIGNAL(c), AUX(1U << 16 | 1), READY("0")), GO(0, BLOCKED),
	     DO(1, UNLOCK(m)), GO(0, AUX(0)), DO(0, UNLOCK(m)));
	ck_assert_uint_eq(m->users, 0);
}
END_TEST

START_TEST(who_wants_the_mutex_back_stands_in_its_waiters)
{
	PLAY(WAITS(0), DO(1, LOCK(m)), DO(1, SIGNAL(c)), GO(0, BLOCKED));
	ck_assert_ptr_eq(script_threads[0].wait_object, m);
	ck_assert_uint_eq(script_threads[0].op.kind, OP_COND_WAIT);
	ck_assert_ptr_eq(script_threads[0].op.object2, m);
	ck_assert_uint_eq(script_threads[0].hold_count, 0);
}
END_TEST

START_TEST(a_signal_without_waiters_is_lost)
{
	PLAY(DO(1, SIGNAL(c), AUX(0)), DO(1, BROADCAST(c), AUX(0)), DO(0, LOCK(m)),
	     DO(0, WAIT(c, m), AGAIN, READY("")));
}
END_TEST

START_TEST(a_signal_wakes_the_waiter_that_is_chosen)
{
	PLAY(WAITS(0), WAITS(1), WAITS(2),
	     DO(3, SIGNAL(c), CHOOSING(1, 3), AUX(3U << 16 | 1), READY("1")),
	     DO(3, SIGNAL(c), CHOOSING(1, 2), AUX(2U << 16 | 1), READY("12")),
	     DO(3, SIGNAL(c), AUX(1U << 16 | 1), READY("012")), DO(3, SIGNAL(c), AUX(0)));
}
END_TEST

START_TEST(a_broadcast_wakes_all_and_they_take_turns)
{
	PLAY(WAITS(0), WAITS(1), WAITS(2), DO(3, BROADCAST(c), AUX(3U << 16 | 3), READY("012")),
	     GO(1), GO(0, BLOCKED), GO(2, BLOCKED), DO(1, UNLOCK(m), READY("02")), GO(2),
	     DO(2, UNLOCK(m)), GO(0), DO(0, UNLOCK(m)));
	ck_assert_uint_eq(m->users, 0);
}
END_TEST

START_TEST(a_wait_that_timed_out_takes_no_signal_with_it)
{
	PLAY(DO(0, LOCK(m)), DO(0, WAIT(c, m), UNTIL(10), AGAIN), WAITS(1), TIME_PASSES,
	     DO(2, SIGNAL(c), AUX(1U << 16 | 1), READY("01")),
	     GO(0, GIVES(ETIMEDOUT), AUX(EVENT_AUX_TIMED_OUT)), DO(0, UNLOCK(m)), GO(1));
}
END_TEST

START_TEST(a_signal_before_the_deadline_wins_however_late_the_thread_runs)
{
	PLAY(DO(0, LOCK(m)), DO(0, WAIT(c, m), UNTIL(10), AGAIN), DO(1, LOCK(m), UNTIL(20)),
	     DO(2, SIGNAL(c)), GO(0, BLOCKED), DO(3, LOCK(m), UNTIL(20), BLOCKED), TIME_PASSES,
	     GO(3, GIVES(ETIMEDOUT)), DO(1, UNLOCK(m)), GO(0));
	ck_assert_uint_eq(script_world.now_ns, 20);
}
END_TEST

START_TEST(a_deadline_in_the_past_still_lets_others_have_the_mutex)
{
	script_world.now_ns = 100;
	PLAY(DO(0, LOCK(m)), DO(1, LOCK(m), BLOCKED),
	     DO(0, WAIT(c, m), UNTIL(50), AGAIN, READY("01")), GO(1), GO(0, BLOCKED),
	     DO(1, UNLOCK(m)), GO(0, GIVES(ETIMEDOUT)));
}
END_TEST

START_TEST(a_spurious_wakeup_comes_when_asked_for_and_chosen)
{
	script_world.spurious_wakeups = true;
	PLAY(DO(0, LOCK(m)), DO(0, WAIT(c, m), CHOOSING(0, 2), AGAIN, READY("")), DO(1, LOCK(m)),
	     DO(1, WAIT(c, m), CHOOSING(1, 2), AGAIN, READY("1")), GO(1));
}
END_TEST

START_TEST(a_cancelled_wait_has_the_mutex_back_before_it_unwinds)
{
	PLAY(WAITS(0), DO(1, LOCK(m)));
	world_wake(&script_world, &script_threads[0]);
	PLAY(GO(0, RAISED(OP_CANCELLED), BLOCKED), DO(1, UNLOCK(m)), GO(0, GIVES(MODEL_CANCELLED)),
	     DO(0, UNLOCK(m)));
}
END_TEST

START_TEST(a_cancel_after_the_signal_does_not_eat_it)
{
	PLAY(WAITS(0), DO(1, LOCK(m)), DO(1, SIGNAL(c)), GO(0, BLOCKED));
	/* Not a cancellation point any more: it is the mutex that is waited for. */
	ck_assert_uint_eq(script_threads[0].op.flags & OP_CANCELLATION_POINT, 0);
	PLAY(DO(1, UNLOCK(m)), GO(0, RAISED(OP_CANCELLED)));
}
END_TEST

START_TEST(an_interrupted_wait_ends_like_a_spurious_wakeup)
{
	PLAY(WAITS(0));
	world_wake(&script_world, &script_threads[0]);
	PLAY(GO(0, RAISED(OP_INTERRUPTED)));
}
END_TEST

START_TEST(a_handler_runs_before_the_mutex_is_released_or_while_it_is_waited_for)
{
	PLAY(DO(0, LOCK(m)));
	script_threads[0].signals_pending = 1;
	PLAY(DO(0, WAIT(c, m), RAISED(OP_INTERRUPTIBLE), GIVES(EINTR)));
	script_threads[0].signals_pending = 0;
	PLAY(DO(0, WAIT(c, m), RAISED(OP_INTERRUPTIBLE), AGAIN), DO(1, LOCK(m)));
	world_wake(&script_world, &script_threads[0]);
	PLAY(GO(0, RAISED(OP_INTERRUPTED), GIVES(COND_INTERRUPTED)),
	     DO(0, WAIT(c, m), .phase = COND_WOKEN, .args = { ETIMEDOUT }, BLOCKED),
	     DO(1, UNLOCK(m)), GO(0, GIVES(ETIMEDOUT)));
}
END_TEST

START_TEST(waiting_with_a_mutex_that_is_not_held_is_an_error_or_a_misuse)
{
	PLAY(DO(1, LOCK(m)), DO(0, WAIT(c, m), AGAIN, TELLS(WAIT_NOT_HELD), WITH(1, 0)));
	begin();
	PLAY(DO(0, WAIT(c, m), AGAIN, TELLS(WAIT_NOT_HELD)), DO(1, SIGNAL(c)), GO(0),
	     DO(0, UNLOCK(m)), DO(0, DESTROY(m)));
	begin();
	PLAY(DO(0, INIT(m, MUTEX_ERRORCHECK)), DO(0, WAIT(c, m), GIVES(EPERM)), DO(1, LOCK(m)),
	     DO(0, WAIT(c, m), GIVES(EPERM)), DO(2, SIGNAL(c), AUX(0)));
	begin();
	PLAY(DO(0, INIT(m, MUTEX_ROBUST)), DO(0, WAIT(c, m), GIVES(EPERM)));
	begin();
	PLAY(DO(0, INIT(m, MUTEX_RECURSIVE)),
	     DO(0, WAIT(c, m), GIVES(EPERM), TELLS(WAIT_NOT_HELD)));
}
END_TEST

START_TEST(a_recursive_mutex_held_twice_stays_locked_during_the_wait)
{
	PLAY(DO(0, INIT(m, MUTEX_RECURSIVE)), DO(0, LOCK(m)), DO(0, LOCK(m)),
	     DO(0, WAIT(c, m), AGAIN, TELLS(WAIT_RECURSIVE), WITH(0, 1)), DO(1, LOCK(m), BLOCKED),
	     DO(2, SIGNAL(c)), GO(0), DO(0, UNLOCK(m)), DO(0, UNLOCK(m), READY("1")));
	ck_assert_uint_eq(script_threads[0].hold_count, 0);
}
END_TEST

START_TEST(a_recursive_mutex_held_once_is_given_up_and_waited_for_like_any_other)
{
	PLAY(DO(0, INIT(m, MUTEX_RECURSIVE)), DO(0, LOCK(m)), DO(0, WAIT(c, m), AGAIN),
	     DO(1, LOCK(m)), DO(1, SIGNAL(c)), GO(0, BLOCKED), DO(1, UNLOCK(m), READY("0")), GO(0),
	     DO(1, TRYLOCK(m), GIVES(EBUSY)), DO(0, UNLOCK(m)), DO(1, TRYLOCK(m)));
}
END_TEST

START_TEST(waiters_with_two_mutexes_at_once_are_told)
{
	PLAY(WAITS(0), DO(1, LOCK(&second)),
	     DO(1, WAIT(c, &second), AGAIN, TELLS(TWO_MUTEXES), WITH(0, 3)));
}
END_TEST

START_TEST(one_after_the_other_two_mutexes_are_allowed)
{
	PLAY(WAITS(0), DO(2, SIGNAL(c)), DO(1, LOCK(&second)), DO(1, WAIT(c, &second), AGAIN));
}
END_TEST

START_TEST(a_wait_hands_on_what_a_robust_mutex_says)
{
	PLAY(DO(0, INIT(m, MUTEX_ROBUST)), WAITS(0), DO(1, LOCK(m)), DO(1, SIGNAL(c)), ENDS(1),
	     GO(0, GIVES(EOWNERDEAD)), DO(0, CONSISTENT(m)), DO(0, UNLOCK(m)));
}
END_TEST

START_TEST(waiting_with_an_inconsistent_mutex_loses_it)
{
	PLAY(DO(0, INIT(m, MUTEX_ROBUST)), DO(0, LOCK(m)), ENDS(0),
	     DO(1, LOCK(m), GIVES(EOWNERDEAD)), DO(1, WAIT(c, m), AGAIN), DO(2, SIGNAL(c)),
	     GO(1, GIVES(ENOTRECOVERABLE)));
	ck_assert_uint_eq(script_threads[1].hold_count, 0);
}
END_TEST

START_TEST(destroying_a_condition_with_waiters_is_told)
{
	PLAY(WAITS(0), DO(1, OP(COND_DESTROY, c), TELLS(DESTROY_WAITED), WITH(0, 2)));
}
END_TEST

START_TEST(a_condition_may_be_destroyed_as_soon_as_its_waiters_are_woken)
{
	PLAY(WAITS(0), WAITS(1), DO(2, LOCK(m)), DO(2, BROADCAST(c)), DO(2, OP(COND_DESTROY, c)));
	memset(&cond, 0x5a, sizeof(cond)); /* and freed */
	PLAY(DO(2, UNLOCK(m)), GO(0), DO(0, UNLOCK(m)), GO(1));
}
END_TEST

START_TEST(every_use_of_a_destroyed_condition_names_who_destroyed_it)
{
	PLAY(DO(0, OP(COND_DESTROY, c)), DO(1, SIGNAL(c), TELLS(USE_DESTROYED), WITH(0, 0)),
	     DO(1, BROADCAST(c), TELLS(USE_DESTROYED), WITH(0, 0)), DO(1, LOCK(m)),
	     DO(1, WAIT(c, m), AGAIN, TELLS(USE_DESTROYED), WITH(0, 0)));
	begin();
	PLAY(DO(0, OP(COND_DESTROY, c)),
	     DO(1, OP(COND_DESTROY, c), TELLS(DOUBLE_DESTROY), WITH(0, 0)), DO(1, OP(COND_INIT, c)),
	     DO(1, SIGNAL(c)));
}
END_TEST

START_TEST(bytes_that_are_no_condition_are_told)
{
	memset(&cond, 0xa5, sizeof(cond));
	PLAY(DO(0, SIGNAL(c), GIVES(EINVAL), TELLS(UNINITIALISED)), DO(0, LOCK(m)),
	     DO(0, WAIT(c, m), GIVES(EINVAL), TELLS(UNINITIALISED)), DO(0, OP(COND_INIT, c)),
	     DO(0, SIGNAL(c)));
}
END_TEST

START_TEST(initialising_a_condition_that_is_waited_on_is_told)
{
	PLAY(WAITS(0), DO(1, OP(COND_INIT, c), TELLS(REINITIALISED), WITH(0, 2)));
}
END_TEST

START_TEST(a_condition_knows_its_clock)
{
	ck_assert_int_eq(cond_clock(&cond), CLOCK_REALTIME);
	PLAY(DO(0, OP(COND_INIT, c), .args = { COND_CLOCK_MONOTONIC }));
	ck_assert_int_eq(cond_clock(&cond), CLOCK_MONOTONIC);
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("model_cond");
	TCase *tcase = tcase_create("cond");

	tcase_add_checked_fixture(tcase, begin, NULL);
	tcase_add_test(tcase, a_wait_gives_up_the_mutex_and_gets_it_back_after_a_signal);
	tcase_add_test(tcase, who_wants_the_mutex_back_stands_in_its_waiters);
	tcase_add_test(tcase, a_signal_without_waiters_is_lost);
	tcase_add_test(tcase, a_signal_wakes_the_waiter_that_is_chosen);
	tcase_add_test(tcase, a_broadcast_wakes_all_and_they_take_turns);
	tcase_add_test(tcase, a_wait_that_timed_out_takes_no_signal_with_it);
	tcase_add_test(tcase, a_signal_before_the_deadline_wins_however_late_the_thread_runs);
	tcase_add_test(tcase, a_deadline_in_the_past_still_lets_others_have_the_mutex);
	tcase_add_test(tcase, a_spurious_wakeup_comes_when_asked_for_and_chosen);
	tcase_add_test(tcase, a_cancelled_wait_has_the_mutex_back_before_it_unwinds);
	tcase_add_test(tcase, a_cancel_after_the_signal_does_not_eat_it);
	tcase_add_test(tcase, an_interrupted_wait_ends_like_a_spurious_wakeup);
	tcase_add_test(tcase,
		       a_handler_runs_before_the_mutex_is_released_or_while_it_is_waited_for);
	tcase_add_test(tcase, waiting_with_a_mutex_that_is_not_held_is_an_error_or_a_misuse);
	tcase_add_test(tcase, a_recursive_mutex_held_twice_stays_locked_during_the_wait);
	tcase_add_test(tcase, waiters_with_two_mutexes_at_once_are_told);
	tcase_add_test(tcase, one_after_the_other_two_mutexes_are_allowed);
	tcase_add_test(tcase, a_wait_hands_on_what_a_robust_mutex_says);
	tcase_add_test(tcase, waiting_with_an_inconsistent_mutex_loses_it);
	tcase_add_test(tcase, destroying_a_condition_with_waiters_is_told);
	tcase_add_test(tcase, a_condition_may_be_destroyed_as_soon_as_its_waiters_are_woken);
	tcase_add_test(tcase, every_use_of_a_destroyed_condition_names_who_destroyed_it);
	tcase_add_test(tcase, bytes_that_are_no_condition_are_told);
	tcase_add_test(tcase, initialising_a_condition_that_is_waited_on_is_told);
	tcase_add_test(tcase, a_condition_knows_its_clock);
	tcase_add_test(tcase,
		       a_recursive_mutex_held_once_is_given_up_and_waited_for_like_any_other);
	suite_add_tcase(suite, tcase);
	return suite;
}
