/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Deadlocks before an event that does not come: signals that were lost, missed, heard or never
 * sent, semaphores, barriers, pipes and the rest, in pairs as in check_detect_deadlock.c.
 */
#include "check_main.h"

#include "deadlock_scene.h"

static void a_signal_before_the_wait(void)
{
	start(A), start(B);
	signals(B, OP_COND_SIGNAL, COND, 0, 0), ends(B);
	takes(A, M1), waits(A, COND, M1);
	joins(MAIN, A);
}

static void a_broadcast_before_the_wait(void)
{
	start(A), start(B);
	signals(B, OP_COND_BROADCAST, COND, 0, 0), ends(B);
	takes(A, M1), waits(A, COND, M1);
	joins(MAIN, A);
}

/* The signal told of something that A saw and used up, before it came back. */
static void a_signal_before_a_look(void)
{
	start(A), start(B);
	signals(B, OP_COND_SIGNAL, COND, 0, 0), ends(B);
	takes(A, M1), gives_back(A, M1);
	takes(A, M1), waits(A, COND, M1);
	joins(MAIN, A);
}

/* Between, A was in another section of that mutex alone. */
static void a_signal_before_another_section(void)
{
	start(A), start(B);
	signals(B, OP_COND_SIGNAL, COND, 0, 0), ends(B);
	event_at(A, OP_MUTEX_LOCK, M1, 7), event(A, OP_MUTEX_UNLOCK, M1, 0);
	takes(A, M1), waits(A, COND, M1);
	joins(MAIN, A);
}

static void a_signal_before_a_wait_for_something_else(void)
{
	start(A), start(B);
	signals(B, OP_COND_SIGNAL, COND, 0, 0), ends(B);
	takes(A, M1), waits(A, OTHER_COND, M1);
	is_woken(A, OTHER_COND, M1), waits(A, COND, M1);
	joins(MAIN, A);
}

static void a_signal_after_a_look(void)
{
	start(A), start(B);
	takes(A, M1), gives_back(A, M1);
	signals(B, OP_COND_SIGNAL, COND, 0, 0), ends(B);
	takes(A, M1), waits(A, COND, M1);
	joins(MAIN, A);
}

static void a_signal_before_a_look_under_another_mutex(void)
{
	start(A), start(B);
	signals(B, OP_COND_SIGNAL, COND, 0, 0), ends(B);
	takes(A, M2), gives_back(A, M2);
	takes(A, M1), waits(A, COND, M1);
	joins(MAIN, A);
}

/* What it told of was undone before A looked. */
static void a_broadcast_that_was_heard_by_who_waits_again(void)
{
	start(A), start(B);
	takes(A, M1), waits(A, COND, M1);
	signals(B, OP_COND_BROADCAST, COND, 1, 1), ends(B);
	is_woken(A, COND, M1), waits(A, COND, M1);
	joins(MAIN, A);
}

static void a_broadcast_after_which_a_waiter_waits_again(void)
{
	start(A), start(B);
	takes(A, M1), waits(A, COND, M1);
	signals(B, OP_COND_BROADCAST, COND, 1, 1);
	is_woken(A, COND, M1), waits(A, COND, M1);
	signals(B, OP_COND_BROADCAST, COND, 1, 1), ends(B);
	takes(A, M1), waits(A, COND, M1);
	joins(MAIN, A);
}

static void a_broadcast_of_who_waits_itself(void)
{
	start(A);
	takes(A, M1), signals(A, OP_COND_BROADCAST, COND, 0, 0), gives_back(A, M1);
	event_at(A, OP_MUTEX_LOCK, M1, 7), waits(A, COND, M1);
	joins(MAIN, A);
}

static void no_signal_at_all(void)
{
	start(A), start(B);
	ends(B);
	takes(A, M1), waits(A, COND, M1);
	joins(MAIN, A);
}

static void a_signal_to_another_condition(void)
{
	start(A), start(B);
	signals(B, OP_COND_SIGNAL, OTHER_COND, 0, 0), ends(B);
	takes(A, M1), waits(A, COND, M1);
	joins(MAIN, A);
}

static void every_signal_was_heard(void)
{
	start(A), start(B);
	takes(A, M1), waits(A, COND, M1);
	signals(B, OP_COND_SIGNAL, COND, 1, 1), ends(B);
	event(A, OP_COND_WAIT, COND, 0);
	takes(A, M1), waits(A, COND, M1);
	joins(MAIN, A);
}

static void one_signal_for_three_waiters(void)
{
	start(A), start(B), start(C), start(D);
	takes(A, M1), waits(A, COND, M1);
	takes(B, M1), waits(B, COND, M1);
	takes(C, M1), waits(C, COND, M1);
	signals(D, OP_COND_SIGNAL, COND, 3, 1), ends(D);
	event(B, OP_COND_WAIT, COND, 0), ends(B);
	joins(MAIN, A);
}

static void one_signal_for_one_waiter_and_one_came_later(void)
{
	start(A), start(B), start(D);
	takes(B, M1), waits(B, COND, M1);
	signals(D, OP_COND_SIGNAL, COND, 1, 1), ends(D);
	event(B, OP_COND_WAIT, COND, 0), ends(B);
	takes(A, M1), waits(A, COND, M1);
	joins(MAIN, A);
}

/* A and B were woken long ago by a signal that found both, and one of them waits again. */
static void a_signal_that_missed_somebody_else_before_this_wait(void)
{
	start(A), start(B), start(D);
	takes(A, M1), waits(A, COND, M1);
	takes(B, M1), waits(B, COND, M1);
	signals(D, OP_COND_SIGNAL, COND, 2, 1);
	signals(D, OP_COND_SIGNAL, COND, 1, 1), ends(D);
	event(B, OP_COND_WAIT, COND, 0), ends(B);
	event(A, OP_COND_WAIT, COND, 0);
	takes(A, M1), waits(A, COND, M1);
	joins(MAIN, A);
}

/* Nested monitors: the outer lock is kept during the wait, so nobody can come to signal. */
static void a_wait_within_an_outer_lock(void)
{
	start(A), start(B);
	signals(B, OP_COND_SIGNAL, COND, 0, 0);
	takes(A, M1), takes(A, M2), waits(A, COND, M2);
	wants(B, OP_MUTEX_LOCK, M1);
	joins(MAIN, A);
}

/* The same, but somebody could signal while the outer lock was kept, and nobody listened yet. */
static void a_lost_signal_during_an_outer_lock(void)
{
	start(A), start(B);
	takes(A, M1), takes(A, M2);
	signals(B, OP_COND_SIGNAL, COND, 0, 0);
	waits(A, COND, M2);
	wants(B, OP_MUTEX_LOCK, M1);
	joins(MAIN, A);
}

static void a_semaphore_is_short(void)
{
	start(A), start(B);
	wants(A, OP_SEM_WAIT, SEM), ends(B);
	joins(MAIN, A);
}

static void a_barrier_is_short(void)
{
	start(A), start(B);
	wants(A, OP_BARRIER_WAIT, BARRIER), wants(B, OP_BARRIER_WAIT, BARRIER);
	joins(MAIN, A);
}

/* Idle workers wait at the barrier, but main waits for the one at the semaphore. */
static void a_semaphore_behind_which_main_stands(void)
{
	start(A), start(B), start(C);
	wants(A, OP_BARRIER_WAIT, BARRIER), wants(B, OP_BARRIER_WAIT, BARRIER);
	wants(C, OP_SEM_WAIT, SEM);
	joins(MAIN, C);
}

static void a_barrier_behind_which_main_stands(void)
{
	start(A), start(B), start(C);
	wants(A, OP_BARRIER_WAIT, BARRIER), wants(B, OP_BARRIER_WAIT, BARRIER);
	wants(C, OP_SEM_WAIT, SEM);
	joins(MAIN, B);
}

static void an_empty_pipe(void)
{
	start(A);
	wants(A, OP_FD_READ, FD);
	joins(MAIN, A);
}

static void a_full_pipe(void)
{
	wants(MAIN, OP_FD_WRITE, FD);
}

static void a_child_that_does_not_end(void)
{
	wants(MAIN, OP_CHILD_WAIT, M1);
}

static void a_futex_that_nobody_wakes(void)
{
	start(A);
	wants(A, OP_FUTEX_WAIT, M1);
	joins(MAIN, A);
}

static void a_signal_handler_that_never_runs(void)
{
	wants(MAIN, OP_SIGNAL_WAIT, M1);
}

static void a_full_message_queue(void)
{
	start(A);
	wants(A, OP_QUEUE_SEND, FD);
	joins(MAIN, A);
}

static void a_semaphore_of_system_v(void)
{
	wants(MAIN, OP_SEM_OPERATE, SEM);
}

static const struct scene scenes[] = {
	SCENE(a_signal_before_the_wait, LOST_WAKEUP, WAITS, SIGNALLED),
	SCENE(a_broadcast_before_the_wait, LOST_WAKEUP, WAITS, SIGNALLED),
	SCENE(a_signal_before_a_look, NO_SIGNAL, WAITS, SIGNALLED),
	SCENE(a_signal_before_another_section, LOST_WAKEUP, WAITS, SIGNALLED),
	SCENE(a_signal_before_a_wait_for_something_else, NO_SIGNAL, WAITS, SIGNALLED),
	SCENE(a_signal_after_a_look, LOST_WAKEUP, WAITS, SIGNALLED),
	SCENE(a_signal_before_a_look_under_another_mutex, LOST_WAKEUP, WAITS, SIGNALLED),
	SCENE(a_broadcast_that_was_heard_by_who_waits_again, NO_SIGNAL, WAITS, SIGNALLED),
	SCENE(a_broadcast_after_which_a_waiter_waits_again, LOST_WAKEUP, WAITS, SIGNALLED),
	SCENE(a_broadcast_of_who_waits_itself, NO_SIGNAL, WAITS, SIGNALLED),
	SCENE(no_signal_at_all, NO_SIGNAL, WAITS, CREATED),
	SCENE(a_signal_to_another_condition, NO_SIGNAL, WAITS, CREATED),
	SCENE(every_signal_was_heard, NO_SIGNAL, WAITS, SIGNALLED),
	SCENE(one_signal_for_three_waiters, MISSED_BROADCAST, WAITS, WAITS),
	SCENE(one_signal_for_one_waiter_and_one_came_later, NO_SIGNAL, WAITS, SIGNALLED),
	SCENE(a_signal_that_missed_somebody_else_before_this_wait, NO_SIGNAL, WAITS, SIGNALLED),
	SCENE(a_wait_within_an_outer_lock, FORGOTTEN_UNLOCK, HOLDS, WAITS),
	SCENE(a_lost_signal_during_an_outer_lock, LOST_WAKEUP, WAITS, SIGNALLED),
	SCENE(a_semaphore_is_short, SEMAPHORE, WAITS, CREATED),
	SCENE(a_barrier_is_short, BARRIER, WAITS, WAITS),
	SCENE(a_semaphore_behind_which_main_stands, SEMAPHORE, WAITS, CREATED),
	SCENE(a_barrier_behind_which_main_stands, BARRIER, WAITS, WAITS),
	SCENE(an_empty_pipe, PIPE, WAITS, CREATED),
	SCENE(a_full_pipe, PIPE, WAITS, WAITS),
	SCENE(a_child_that_does_not_end, CHILD_WAIT, WAITS, WAITS),
	SCENE(a_futex_that_nobody_wakes, FUTEX, WAITS, CREATED),
	SCENE(a_signal_handler_that_never_runs, WAIT_SIGNAL, WAITS, WAITS),
	SCENE(a_full_message_queue, QUEUE, WAITS, CREATED),
	SCENE(a_semaphore_of_system_v, SEMAPHORE, WAITS, WAITS),
};

#define SCENE_COUNT ((int)(sizeof(scenes) / sizeof(scenes[0])))

START_TEST(the_cause_is_decided_from_what_happened)
{
	scene_check_cause(&scenes[_i]);
}
END_TEST

START_TEST(neither_cause_nor_key_depend_on_numbers_names_or_addresses)
{
	scene_check_numbering(&scenes[_i]);
}
END_TEST

START_TEST(the_lost_signal_is_named_with_its_place_and_step)
{
	struct finding found;

	ck_assert(scene_classify(a_signal_before_the_wait, NULL, &found));
	ck_assert_uint_eq(found.sites[1].role, SITE_SIGNALLED);
	ck_assert_uint_eq(found.sites[1].thread, B);
	ck_assert_uint_eq(found.sites[1].step, 2);
	ck_assert_uint_eq(found.sites[1].op_kind, OP_COND_SIGNAL);
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("detect_events");
	TCase *tcase = tcase_create("causes");

	tcase_add_loop_test(tcase, the_cause_is_decided_from_what_happened, 0, SCENE_COUNT);
	tcase_add_loop_test(tcase, neither_cause_nor_key_depend_on_numbers_names_or_addresses, 0,
			    SCENE_COUNT);
	tcase_add_test(tcase, the_lost_signal_is_named_with_its_place_and_step);
	suite_add_tcase(suite, tcase);
	return suite;
}
