/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Deadlocks by locks and joins. Each scene stands next to one that differs in the one thing that
 * decides, and must be named otherwise. Main joins somebody in most of them, as real programs do.
 */
#include "check_main.h"

#include "deadlock_scene.h"

static void two_locks_in_opposite_order(void)
{
	start(A), start(B);
	takes(A, M1), takes(B, M2);
	wants(A, OP_MUTEX_LOCK, M2), wants(B, OP_MUTEX_LOCK, M1);
	joins(MAIN, A);
}

/* As soon as the program shares memory between processes, whom one waits for is a key. */
static void two_locks_and_a_join_by_key(void)
{
	two_locks_in_opposite_order();
	thread(MAIN)->wait_object =
		(void *)(uintptr_t)(OBJECT_SHARED | (uintptr_t)thread(MAIN)->wait_object);
}

static void a_chain_of_locks_to_a_live_waiter(void)
{
	start(A), start(B);
	takes(A, M1), takes(B, M2);
	wants(A, OP_MUTEX_LOCK, M2), wants(B, OP_SEM_WAIT, SEM);
	joins(MAIN, A);
}

static void three_locks_in_a_ring(void)
{
	start(A), start(B), start(C), start(D);
	takes(A, M1), takes(B, M2), takes(C, M3);
	wants(A, OP_MUTEX_LOCK, M2), wants(B, OP_MUTEX_LOCK, M3), wants(C, OP_MUTEX_LOCK, M1);
	wants(D, OP_MUTEX_LOCK, M1);
	joins(MAIN, D);
}

static void a_woken_waiter_in_a_lock_cycle(void)
{
	start(A), start(B);
	takes(A, M1), takes(B, M2);
	wants_back(A, COND, M2), wants(B, OP_MUTEX_LOCK, M1);
	joins(MAIN, A);
}

static void a_relock(void)
{
	start(A), start(B);
	takes(A, M1);
	wants(A, OP_MUTEX_LOCK, M1), wants(B, OP_MUTEX_LOCK, M1);
	joins(MAIN, A);
}

static void a_lock_of_one_that_ended(void)
{
	start(A), start(B);
	takes(A, M1), ends(A);
	wants(B, OP_MUTEX_LOCK, M1);
	joins(MAIN, B);
}

static void a_lock_of_one_that_was_killed(void)
{
	a_lock_of_one_that_ended();
	thread(A)->died = 1;
}

static void two_upgrades(void)
{
	start(A), start(B);
	reads(A, RW), reads(B, RW);
	wants(A, OP_RWLOCK_WRLOCK, RW), wants(B, OP_RWLOCK_WRLOCK, RW);
	joins(MAIN, A);
}

static void one_upgrade(void)
{
	start(A);
	reads(A, RW);
	wants(A, OP_RWLOCK_WRLOCK, RW);
	joins(MAIN, A);
}

/* The writer waits for the reader, and the reader, who asks again, behind the writer. */
static void a_reader_behind_the_writer_that_waits_for_it(void)
{
	start(A), start(B);
	reads(A, RW);
	wants(B, OP_RWLOCK_WRLOCK, RW), wants(A, OP_RWLOCK_RDLOCK, RW);
	joins(MAIN, A);
}

static void a_writer_behind_a_reader_that_waits_for_an_event(void)
{
	start(A), start(B);
	reads(A, RW);
	wants(B, OP_RWLOCK_WRLOCK, RW), wants(A, OP_SEM_WAIT, SEM);
	joins(MAIN, B);
}

static void readers_and_a_mutex_in_a_cycle(void)
{
	start(A), start(B);
	reads(A, RW), takes(B, M1);
	wants(A, OP_MUTEX_LOCK, M1), wants(B, OP_RWLOCK_WRLOCK, RW);
	joins(MAIN, A);
}

static void two_that_join_each_other(void)
{
	start(A), start(B), start(C);
	joins(A, B), joins(B, C), joins(C, A);
}

static void a_join_with_the_lock_that_the_joined_wants(void)
{
	start(A);
	takes(MAIN, M1);
	wants(A, OP_MUTEX_LOCK, M1);
	joins(MAIN, A);
}

static void a_join_with_a_lock_that_nobody_wants(void)
{
	start(A);
	takes(MAIN, M1);
	wants(A, OP_SEM_WAIT, SEM);
	joins(MAIN, A);
}

static void a_live_owner_that_waits_for_an_event(void)
{
	start(A), start(B);
	takes(A, M1), wants(A, OP_SEM_WAIT, SEM);
	wants(B, OP_MUTEX_LOCK, M1);
	joins(MAIN, A);
}

static void a_waiter_whose_lock_nobody_wants(void)
{
	start(A), start(B);
	takes(A, M1), wants(A, OP_SEM_WAIT, SEM);
	wants(B, OP_SEM_WAIT, SEM);
	joins(MAIN, A);
}

static void a_live_owner_that_joins_somebody_else(void)
{
	start(A), start(B), start(C);
	takes(A, M1), joins(A, C);
	wants(C, OP_BARRIER_WAIT, BARRIER);
	wants(B, OP_MUTEX_LOCK, M1);
	joins(MAIN, A);
}

static void a_once_that_waits_for_itself(void)
{
	takes_in_mode(MAIN, OP_ONCE_BEGIN, M1, FAMILY_ONCE, HOLD_EXCLUSIVE);
	wants(MAIN, OP_ONCE_BEGIN, M1);
}

static void a_once_whose_initialiser_wants_a_lock_of_the_second_caller(void)
{
	start(A);
	takes_in_mode(MAIN, OP_ONCE_BEGIN, M1, FAMILY_ONCE, HOLD_EXCLUSIVE);
	takes(A, M2);
	wants(MAIN, OP_MUTEX_LOCK, M2), wants(A, OP_ONCE_BEGIN, M1);
}

static void a_lock_without_an_owner(void)
{
	wants(MAIN, OP_MUTEX_LOCK, M1);
}

static void an_owner_that_ended_while_another_waits_for_a_signal(void)
{
	start(A), start(B), start(C);
	signals(B, OP_COND_SIGNAL, COND, 0, 0);
	takes(A, M1), ends(A);
	wants(B, OP_MUTEX_LOCK, M1);
	takes(C, M2), waits(C, COND, M2);
	joins(MAIN, C);
}

static void a_lock_of_another_thread_at_the_fork(void)
{
	start(A);
	takes(A, M1), forks(MAIN, B), gives_back(A, M1), ends(A);
	wants(B, OP_MUTEX_LOCK, M1);
	wants(MAIN, OP_CHILD_WAIT, FD);
}

static void a_lock_of_another_thread_two_forks_ago(void)
{
	start(A);
	takes(A, M1), forks(MAIN, B), gives_back(A, M1), ends(A);
	forks(B, C);
	wants(C, OP_MUTEX_LOCK, M1), wants(B, OP_CHILD_WAIT, FD);
	wants(MAIN, OP_CHILD_WAIT, FD);
}

/* What the copy's lock was left in by the child itself. */
static void a_lock_that_was_free_at_the_fork(void)
{
	start(A);
	takes(A, M1), gives_back(A, M1), forks(MAIN, B), takes(A, M1), ends(A);
	wants(B, OP_MUTEX_LOCK, M1);
	wants(MAIN, OP_CHILD_WAIT, FD);
}

static void a_lock_that_a_wait_had_given_back_at_the_fork(void)
{
	start(A);
	takes(A, M1), waits(A, COND, M1), forks(MAIN, B);
	wants(B, OP_MUTEX_LOCK, M1);
	wants(MAIN, OP_CHILD_WAIT, FD);
}

static void a_semaphore_and_a_mutex_in_opposite_order(void)
{
	start(A), start(B);
	event(A, OP_SEM_WAIT, SEM, 0), event(A, OP_SEM_POST, SEM, 0);
	event(A, OP_SEM_WAIT, SEM, 0), takes(B, M1);
	wants(A, OP_MUTEX_LOCK, M1), wants(B, OP_SEM_WAIT, SEM);
	joins(MAIN, A);
}

static void two_semaphores_in_opposite_order(void)
{
	start(A), start(B);
	event(A, OP_SEM_WAIT, SEM, 0), event(B, OP_SEM_WAIT, BARRIER, 0);
	wants(A, OP_SEM_WAIT, BARRIER), wants(B, OP_SEM_WAIT, SEM);
	joins(MAIN, A);
}

/* Somebody who took none posted: the next post may come from anybody, too. */
static void a_semaphore_that_tells_something(void)
{
	start(A), start(B);
	event(MAIN, OP_SEM_POST, SEM, 0), event(A, OP_SEM_WAIT, SEM, 0), takes(B, M1);
	wants(A, OP_MUTEX_LOCK, M1), wants(B, OP_SEM_WAIT, SEM);
	joins(MAIN, A);
}

static void two_that_wait_for_one_semaphore(void)
{
	start(A), start(B);
	event(A, OP_SEM_WAIT, SEM, 0), event(B, OP_SEM_WAIT, SEM, 0);
	wants(A, OP_SEM_WAIT, SEM), wants(B, OP_SEM_WAIT, SEM);
	joins(MAIN, A);
}

static const struct scene scenes[] = {
	SCENE(a_semaphore_and_a_mutex_in_opposite_order, CIRCLE, WAITS, HOLDS),
	SCENE(two_semaphores_in_opposite_order, CIRCLE, WAITS, HOLDS),
	SCENE(a_semaphore_that_tells_something, FORGOTTEN_UNLOCK, HOLDS, WAITS),
	SCENE(two_that_wait_for_one_semaphore, SEMAPHORE, WAITS, WAITS),
	SCENE(two_locks_in_opposite_order, LOCK_CYCLE, WAITS, HOLDS),
	SCENE(two_locks_and_a_join_by_key, LOCK_CYCLE, WAITS, HOLDS),
	SCENE(a_chain_of_locks_to_a_live_waiter, FORGOTTEN_UNLOCK, HOLDS, WAITS),
	SCENE(three_locks_in_a_ring, LOCK_CYCLE, WAITS, HOLDS),
	SCENE(a_woken_waiter_in_a_lock_cycle, LOCK_CYCLE, WAITS, HOLDS),
	SCENE(a_relock, SELF, WAITS, HOLDS),
	SCENE(a_lock_of_one_that_ended, OWNER_EXITED, HOLDS, ENDED),
	SCENE(a_lock_of_one_that_was_killed, OWNER_DIED, HOLDS, ENDED),
	SCENE(a_lock_of_another_thread_at_the_fork, OWNER_NOT_FORKED, WAITS, FIRST),
	SCENE(a_lock_of_another_thread_two_forks_ago, OWNER_NOT_FORKED, WAITS, FIRST),
	SCENE(a_lock_that_was_free_at_the_fork, NONE, WAITS, CREATED),
	SCENE(a_lock_that_a_wait_had_given_back_at_the_fork, NONE, WAITS, CREATED),
	SCENE(two_upgrades, UPGRADE, WAITS, HOLDS),
	SCENE(one_upgrade, UPGRADE, WAITS, HOLDS),
	SCENE(a_reader_behind_the_writer_that_waits_for_it, LOCK_CYCLE, WAITS, HOLDS),
	SCENE(a_writer_behind_a_reader_that_waits_for_an_event, FORGOTTEN_UNLOCK, HOLDS, WAITS),
	SCENE(readers_and_a_mutex_in_a_cycle, LOCK_CYCLE, WAITS, HOLDS),
	SCENE(two_that_join_each_other, JOIN_CYCLE, WAITS, WAITS),
	SCENE(a_join_with_the_lock_that_the_joined_wants, JOIN_CYCLE, WAITS, HOLDS),
	SCENE(a_join_with_a_lock_that_nobody_wants, SEMAPHORE, WAITS, CREATED),
	SCENE(a_live_owner_that_waits_for_an_event, FORGOTTEN_UNLOCK, HOLDS, WAITS),
	SCENE(a_waiter_whose_lock_nobody_wants, SEMAPHORE, WAITS, WAITS),
	SCENE(a_live_owner_that_joins_somebody_else, FORGOTTEN_UNLOCK, HOLDS, WAITS),
	SCENE(a_once_that_waits_for_itself, SELF, WAITS, HOLDS),
	SCENE(a_once_whose_initialiser_wants_a_lock_of_the_second_caller, LOCK_CYCLE, WAITS, HOLDS),
	SCENE(a_lock_without_an_owner, NONE, WAITS, WAITS),
	SCENE(an_owner_that_ended_while_another_waits_for_a_signal, OWNER_EXITED, HOLDS, ENDED),
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

START_TEST(a_cycle_is_told_from_its_lowest_number_on_each_waiting_for_the_next)
{
	struct finding found;

	ck_assert(scene_classify(three_locks_in_a_ring, NULL, &found));
	ck_assert_uint_ge(found.site_count, 6);
	for (int i = 0; i < 6; i += 2) {
		const struct finding_site *waits_site = &found.sites[i];
		const struct finding_site *next_holds = &found.sites[(i + 3) % 6];

		ck_assert_uint_eq(waits_site->thread, (unsigned)(A + i / 2));
		ck_assert_uint_eq(waits_site->role, SITE_WAITS);
		ck_assert_uint_eq(waits_site->step, SITE_STEP_END);
		ck_assert_uint_eq(next_holds->role, SITE_HOLDS);
		ck_assert_uint_eq(next_holds->object, waits_site->object);
		ck_assert_uint_ne(next_holds->pc, 0);
	}
}
END_TEST

START_TEST(two_mistakes_at_different_places_have_different_keys)
{
	struct finding first, second;

	ck_assert(scene_classify(two_locks_in_opposite_order, NULL, &first));
	thread(A)->holds[0].site = place(999);
	ck_assert(scene_classify_again(NULL, &second));
	ck_assert(first.key != second.key);
}
END_TEST

static uint64_t same_place(uint64_t pc)
{
	(void)pc;
	return 42;
}

START_TEST(places_come_from_the_callers_function)
{
	struct finding first, second;

	ck_assert(scene_classify(two_locks_in_opposite_order, same_place, &first));
	thread(A)->holds[0].site = place(999);
	ck_assert(scene_classify_again(same_place, &second));
	ck_assert(first.key == second.key);
}
END_TEST

static void everyone_ended(void)
{
	start(A), ends(A);
}

START_TEST(nobody_blocked_is_no_deadlock)
{
	struct finding found;

	ck_assert(!scene_classify(everyone_ended, NULL, &found));
}
END_TEST

/* A thousand threads: a ring of all, then a crowd that stands before one of them. */
START_TEST(a_cycle_may_pass_through_a_thousand_threads)
{
	static struct thread many[THREADS_MAX];
	static const struct thread *by_id[THREADS_MAX];
	static char locks[THREADS_MAX];
	static struct event_log event_log;
	struct finding found;

	for (unsigned i = 0; i < THREADS_MAX; i++) {
		struct thread *t = &many[i];

		by_id[i] = t;
		t->id = (thread_id)i;
		t->status = THREAD_BLOCKED;
		t->hold_count = 1;
		t->holds[0] = (struct hold){
			.object = &locks[i], .site = place(1), .depth = 1, .family = FAMILY_MUTEX
		};
		t->op.kind = OP_MUTEX_LOCK;
		t->op.site = place(2);
		t->op.object = &locks[(i + 1) % THREADS_MAX];
	}
	ck_assert(deadlock_classify(by_id, THREADS_MAX, &event_log, NULL, &found));
	ck_assert_uint_eq(found.cause, CAUSE_LOCK_CYCLE);
	ck_assert_uint_eq(found.site_count, FINDING_SITES_MAX);
	ck_assert_uint_eq(found.sites[0].thread, 0);
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("detect_deadlock");
	TCase *tcase = tcase_create("causes");

	tcase_add_loop_test(tcase, the_cause_is_decided_from_what_happened, 0, SCENE_COUNT);
	tcase_add_loop_test(tcase, neither_cause_nor_key_depend_on_numbers_names_or_addresses, 0,
			    SCENE_COUNT);
	suite_add_tcase(suite, tcase);
	tcase = tcase_create("sites");
	tcase_add_test(tcase, a_cycle_is_told_from_its_lowest_number_on_each_waiting_for_the_next);
	tcase_add_test(tcase, two_mistakes_at_different_places_have_different_keys);
	tcase_add_test(tcase, places_come_from_the_callers_function);
	tcase_add_test(tcase, nobody_blocked_is_no_deadlock);
	tcase_add_test(tcase, a_cycle_may_pass_through_a_thousand_threads);
	suite_add_tcase(suite, tcase);
	return suite;
}
