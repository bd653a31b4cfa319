/* SPDX-License-Identifier: Apache-2.0 */
/* The barrier model: rounds, the serial thread, and every use that is undefined. */
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <string.h>

#include "model_script.h"

static pthread_barrier_t barrier;
static pthread_barrier_t *const b = &barrier;

static void begin(void)
{
	script_begin();
	memset(b, 0, sizeof(*b));
}

#define BARRIER(n) OP(BARRIER_INIT, b), .args = { (n) }
#define ARRIVE     OP(BARRIER_WAIT, b)
#define SERIAL     GIVES(PTHREAD_BARRIER_SERIAL_THREAD)

START_TEST(the_last_to_arrive_is_serial_and_releases_the_others)
{
	PLAY(DO(0, BARRIER(3)), DO(0, ARRIVE, AGAIN, AUX(EVENT_AUX_STAGE)),
	     DO(1, ARRIVE, AGAIN, READY("")), DO(2, ARRIVE, SERIAL, READY("01")), GO(1), GO(0));
}
END_TEST

START_TEST(a_fast_thread_may_be_back_before_the_released_ones_left)
{
	PLAY(DO(0, BARRIER(2)), DO(0, ARRIVE, AGAIN), DO(1, ARRIVE, SERIAL),
	     DO(1, ARRIVE, AGAIN, READY("0")), GO(0, READY("")), DO(0, ARRIVE, SERIAL, READY("1")),
	     GO(1));
}
END_TEST

START_TEST(a_barrier_for_one_never_waits)
{
	PLAY(DO(0, BARRIER(1)), DO(0, ARRIVE, SERIAL), DO(0, ARRIVE, SERIAL));
}
END_TEST

START_TEST(a_barrier_for_none_or_for_too_many_is_refused)
{
	PLAY(DO(0, BARRIER(0), GIVES(EINVAL)), DO(0, BARRIER(UINT_MAX), GIVES(EINVAL)),
	     DO(0, BARRIER(UINT_MAX / 2)));
}
END_TEST

START_TEST(the_serial_thread_may_destroy_the_barrier_at_once)
{
	PLAY(DO(0, BARRIER(2)), DO(0, ARRIVE, AGAIN), DO(1, ARRIVE, SERIAL),
	     DO(1, OP(BARRIER_DESTROY, b)));
	memset(&barrier, 0x5a, sizeof(barrier)); /* and free it */
	PLAY(GO(0));
}
END_TEST

START_TEST(a_thread_whose_handler_is_to_run_leaves_the_round_and_comes_back)
{
	PLAY(DO(0, BARRIER(2)), DO(0, ARRIVE, RAISED(OP_INTERRUPTIBLE), AGAIN));
	world_wake(&script_world, &script_threads[0]);
	PLAY(GO(0, RAISED(OP_INTERRUPTED), GIVES(EINTR)), DO(1, ARRIVE, AGAIN));
	script_threads[0].signals_pending = 1;
	PLAY(DO(0, ARRIVE, RAISED(OP_INTERRUPTIBLE), SERIAL, READY("1")), GO(1),
	     DO(0, ARRIVE, RAISED(OP_INTERRUPTIBLE), GIVES(EINTR)), DO(1, ARRIVE, AGAIN));
}
END_TEST

START_TEST(an_idle_barrier_may_be_initialised_again)
{
	PLAY(DO(0, BARRIER(2)), DO(0, BARRIER(1)), DO(0, ARRIVE, SERIAL));
}
END_TEST

START_TEST(misused_barriers_are_told)
{
	PLAY(DO(0, ARRIVE, GIVES(EINVAL), TELLS(UNINITIALISED)),
	     DO(0, OP(BARRIER_DESTROY, b), TELLS(UNINITIALISED)), DO(0, BARRIER(2)),
	     DO(0, ARRIVE, AGAIN), DO(1, BARRIER(2), TELLS(REINITIALISED), WITH(0, 4)));
	begin();
	PLAY(DO(0, BARRIER(2)), DO(0, ARRIVE, AGAIN),
	     DO(1, OP(BARRIER_DESTROY, b), TELLS(DESTROY_WAITED), WITH(0, 2)),
	     DO(1, OP(BARRIER_DESTROY, b), TELLS(DOUBLE_DESTROY), WITH(1, 2)),
	     DO(2, ARRIVE, SERIAL, TELLS(USE_DESTROYED), WITH(1, 2)));
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("model_barrier");
	TCase *tcase = tcase_create("barrier");

	tcase_add_checked_fixture(tcase, begin, NULL);
	tcase_add_test(tcase, the_last_to_arrive_is_serial_and_releases_the_others);
	tcase_add_test(tcase, a_fast_thread_may_be_back_before_the_released_ones_left);
	tcase_add_test(tcase, a_barrier_for_one_never_waits);
	tcase_add_test(tcase, a_barrier_for_none_or_for_too_many_is_refused);
	tcase_add_test(tcase, the_serial_thread_may_destroy_the_barrier_at_once);
	tcase_add_test(tcase, a_thread_whose_handler_is_to_run_leaves_the_round_and_comes_back);
	tcase_add_test(tcase, misused_barriers_are_told);
	tcase_add_test(tcase, an_idle_barrier_may_be_initialised_again);
	suite_add_tcase(suite, tcase);
	return suite;
}
