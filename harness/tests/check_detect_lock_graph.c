/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lock orders, from scripted runs that did not hang. Every run that must be warned about stands
 * next to one that must not be, since it is gated, ordered, shared or gives up.
 */
#include "check_main.h"

#include "base/hash.h"
#include "lock_script.h"

static void opposite_orders(void)
{
	create(0, 1), create(0, 2);
	nest(1, 0, 1), nest(2, 1, 0);
}

static void the_same_order(void)
{
	create(0, 1), create(0, 2);
	nest(1, 0, 1), nest(2, 0, 1);
}

static void one_thread_in_both_orders(void)
{
	create(0, 1);
	nest(1, 0, 1), nest(1, 1, 0);
}

static void opposite_orders_under_a_gate(void)
{
	create(0, 1), create(0, 2);
	take(1, 5), nest(1, 0, 1), give(1, 5);
	take(2, 5), nest(2, 1, 0), give(2, 5);
}

static void opposite_orders_one_under_a_gate(void)
{
	create(0, 1), create(0, 2);
	take(1, 5), nest(1, 0, 1), give(1, 5);
	nest(2, 1, 0);
}

static void opposite_orders_under_two_gates(void)
{
	create(0, 1), create(0, 2);
	take(1, 5), nest(1, 0, 1), give(1, 5);
	take(2, 6), nest(2, 1, 0), give(2, 6);
}

static void opposite_orders_under_a_shared_gate(void)
{
	create(0, 1), create(0, 2);
	take_at(1, OP_RWLOCK_RDLOCK, 5, HOLD_SHARED, 90), nest(1, 0, 1), give(1, 5);
	take_at(2, OP_RWLOCK_RDLOCK, 5, HOLD_SHARED, 91), nest(2, 1, 0), give(2, 5);
}

static void opposite_orders_under_a_gate_shared_by_one(void)
{
	create(0, 1), create(0, 2);
	take_at(1, OP_RWLOCK_RDLOCK, 5, HOLD_SHARED, 90), nest(1, 0, 1), give(1, 5);
	take_at(2, OP_RWLOCK_WRLOCK, 5, HOLD_EXCLUSIVE, 91), nest(2, 1, 0), give(2, 5);
}

static void opposite_orders_before_and_after_creation(void)
{
	nest(0, 0, 1);
	create(0, 1);
	nest(1, 1, 0);
}

static void opposite_orders_after_creation(void)
{
	create(0, 1);
	nest(0, 0, 1);
	nest(1, 1, 0);
}

/* The first of the two is ordered, the second, the same at the same place, is not. */
static void opposite_orders_before_and_again_after_creation(void)
{
	nest(0, 0, 1);
	create(0, 1);
	nest(1, 1, 0);
	nest(0, 0, 1);
}

static void opposite_orders_around_a_join(void)
{
	create(0, 1);
	nest(1, 1, 0);
	join(0, 1);
	nest(0, 0, 1);
}

static void opposite_orders_around_a_join_by_a_third(void)
{
	create(0, 1), create(0, 2), create(0, 3);
	nest(1, 1, 0);
	join(3, 1);
	create(3, 4);
	nest(4, 0, 1);
}

static void opposite_orders_around_a_join_of_another(void)
{
	create(0, 1), create(0, 2);
	nest(1, 1, 0);
	join(0, 2);
	nest(0, 0, 1);
}

static void a_ring_of_three(void)
{
	create(0, 1), create(0, 2), create(0, 3);
	nest(1, 0, 1), nest(2, 1, 2), nest(3, 2, 0);
}

static void a_ring_of_three_by_two_threads(void)
{
	create(0, 1), create(0, 2);
	nest(1, 0, 1), nest(1, 1, 2), nest(2, 2, 0);
}

static void a_hierarchy(void)
{
	create(0, 1), create(0, 2), create(0, 3);
	nest(1, 0, 1), nest(2, 1, 2), nest(3, 0, 2);
}

static void a_trylock_closes_the_ring(void)
{
	create(0, 1), create(0, 2);
	nest(1, 0, 1);
	take(2, 1), take_at(2, OP_MUTEX_TRYLOCK, 0, HOLD_EXCLUSIVE, 70);
	give(2, 0), give(2, 1);
}

static void a_timed_lock_closes_the_ring(void)
{
	create(0, 1), create(0, 2);
	nest(1, 0, 1);
	take(2, 1);
	set_deadline(2, 1000);
	take(2, 0);
	set_deadline(2, OP_NO_DEADLINE);
	give(2, 0), give(2, 1);
}

static void a_lock_held_by_trylock_is_in_the_ring(void)
{
	create(0, 1), create(0, 2);
	take_at(1, OP_MUTEX_TRYLOCK, 0, HOLD_EXCLUSIVE, 70), take(1, 1);
	give(1, 1), give(1, 0);
	nest(2, 1, 0);
}

static void readers_in_opposite_orders(void)
{
	create(0, 1), create(0, 2);
	take_at(1, OP_RWLOCK_RDLOCK, 0, HOLD_SHARED, 80),
		take_at(1, OP_RWLOCK_RDLOCK, 1, HOLD_SHARED, 81);
	give(1, 1), give(1, 0);
	take_at(2, OP_RWLOCK_RDLOCK, 1, HOLD_SHARED, 82),
		take_at(2, OP_RWLOCK_RDLOCK, 0, HOLD_SHARED, 83);
	give(2, 0), give(2, 1);
}

static void a_reader_and_a_writer_in_opposite_orders(void)
{
	create(0, 1), create(0, 2);
	take_at(1, OP_RWLOCK_RDLOCK, 0, HOLD_SHARED, 80), take(1, 1);
	give(1, 1), give(1, 0);
	take(2, 1), take_at(2, OP_RWLOCK_WRLOCK, 0, HOLD_EXCLUSIVE, 83);
	give(2, 0), give(2, 1);
}

static void another_lock_at_the_same_address(void)
{
	create(0, 1), create(0, 2);
	nest(1, 0, 1);
	perform(0, OP_MUTEX_DESTROY, &script_locks[0], 0);
	perform(0, OP_MUTEX_INIT, &script_locks[0], 0);
	nest(2, 1, 0);
}

static void other_locks_were_destroyed(void)
{
	create(0, 1), create(0, 2);
	nest(1, 0, 1);
	perform(0, OP_MUTEX_DESTROY, &script_locks[3], 0);
	nest(2, 1, 0);
}

static void the_condition_wait_takes_its_mutex_back_within_another(void)
{
	create(0, 1), create(0, 2);
	take(1, 0), take(1, 1);
	give(1, 1);
	take_at(1, OP_COND_WAIT, 1, HOLD_EXCLUSIVE, 60);
	give(1, 1), give(1, 0);
	nest(2, 1, 0);
}

static const struct {
	const char *name;
	void (*run)(void);
	uint32_t warnings;
	uint32_t edges; /* of the first */
} runs[] = {
#define WARNED(run, count, edges)       \
	{                               \
#run, run, count, edges \
	}
#define SILENT(run)             \
	{                       \
#run, run, 0, 0 \
	}
	WARNED(opposite_orders, 1, 2),
	SILENT(the_same_order),
	SILENT(one_thread_in_both_orders),
	SILENT(opposite_orders_under_a_gate),
	WARNED(opposite_orders_one_under_a_gate, 1, 2),
	WARNED(opposite_orders_under_two_gates, 1, 2),
	WARNED(opposite_orders_under_a_shared_gate, 1, 2),
	SILENT(opposite_orders_under_a_gate_shared_by_one),
	SILENT(opposite_orders_before_and_after_creation),
	WARNED(opposite_orders_after_creation, 1, 2),
	WARNED(opposite_orders_before_and_again_after_creation, 1, 2),
	SILENT(opposite_orders_around_a_join),
	SILENT(opposite_orders_around_a_join_by_a_third),
	WARNED(opposite_orders_around_a_join_of_another, 1, 2),
	WARNED(a_ring_of_three, 1, 3),
	SILENT(a_ring_of_three_by_two_threads),
	SILENT(a_hierarchy),
	SILENT(a_trylock_closes_the_ring),
	SILENT(a_timed_lock_closes_the_ring),
	WARNED(a_lock_held_by_trylock_is_in_the_ring, 1, 2),
	SILENT(readers_in_opposite_orders),
	WARNED(a_reader_and_a_writer_in_opposite_orders, 1, 2),
	SILENT(another_lock_at_the_same_address),
	WARNED(other_locks_were_destroyed, 1, 2),
	WARNED(the_condition_wait_takes_its_mutex_back_within_another, 2, 2),
};

#define RUN_COUNT ((int)(sizeof(runs) / sizeof(runs[0])))

START_TEST(cycles_are_warned_about_and_their_harmless_twins_are_not)
{
	script_begin();
	runs[_i].run();
	ck_assert_uint_eq(script_check(), runs[_i].warnings);
	if (script_finding_count == 0)
		return;
	ck_assert_uint_eq(script_findings[0].kind, FINDING_LOCK_ORDER);
	ck_assert_uint_eq(script_findings[0].severity, SEVERITY_WARNING);
	ck_assert_uint_eq(script_findings[0].site_count, 2 * runs[_i].edges);
	for (uint32_t i = 0; i < runs[_i].edges; i++) {
		const struct finding_site *edge = &script_findings[0].sites[i];
		const struct finding_site *next =
			&script_findings[0].sites[(i + 1) % runs[_i].edges];
		const struct finding_site *hold = &script_findings[0].sites[runs[_i].edges + i];

		ck_assert_uint_eq(edge->role, SITE_EDGE);
		ck_assert_uint_eq(edge->object, next->object2);
		ck_assert_uint_eq(hold->role, SITE_HOLDS);
		ck_assert_uint_eq(hold->object, edge->object2);
		ck_assert_uint_eq(hold->thread, edge->thread);
		ck_assert_uint_lt(hold->step, edge->step);
	}
	ck_assert_uint_eq(script_graph->lost, 0);
}
END_TEST

START_TEST(a_schedule_does_not_remember_the_one_before)
{
	script_begin();
	create(0, 1), create(0, 2);
	nest(1, 0, 1);
	ck_assert_uint_eq(script_check(), 0);
	script_begin();
	create(0, 1), create(0, 2);
	nest(2, 1, 0);
	ck_assert_uint_eq(script_check(), 0);
}
END_TEST

START_TEST(the_same_cycle_by_many_threads_is_one_finding)
{
	script_begin();
	for (unsigned i = 1; i <= 10; i++)
		create(0, i);
	for (unsigned i = 1; i <= 10; i++) {
		take_at(i, OP_MUTEX_LOCK, i % 2, HOLD_EXCLUSIVE, 500 + i % 2);
		take_at(i, OP_MUTEX_LOCK, 1 - i % 2, HOLD_EXCLUSIVE, 502 + i % 2);
		give(i, 1 - i % 2), give(i, i % 2);
	}
	ck_assert_uint_eq(script_check(), 1);
}
END_TEST

START_TEST(a_cycle_may_pass_through_every_lock)
{
	script_begin();
	for (unsigned i = 1; i <= 12; i++)
		create(0, i);
	for (unsigned i = 1; i <= 12; i++)
		nest(i, i, i % 12 + 1);
	ck_assert_uint_eq(script_check(), 1);
	ck_assert_uint_eq(script_findings[0].site_count, 24);
	ck_assert_uint_eq(script_findings[0].sites[0].thread, 1);
	ck_assert_uint_eq(script_findings[0].sites[11].thread, 12);
}
END_TEST

START_TEST(what_was_seen_before_takes_no_room)
{
	script_begin();
	create(0, 1), create(0, 2);
	for (int i = 0; i < 10000; i++)
		nest(1, 0, 1), nest(2, 1, 0);
	ck_assert_uint_eq(script_graph->dependency_count, 2);
	ck_assert_uint_eq(script_check(), 1);
}
END_TEST

START_TEST(what_does_not_fit_is_counted)
{
	script_begin();
	create(0, 1);
	for (unsigned i = 0; i + 1 < 2900; i++)
		nest(1, i, i + 1);
	ck_assert_uint_gt(script_graph->lost, 0);
	ck_assert_uint_eq(script_check(), 0);
	/* And the next schedule has all the room again. */
	script_graph->lost = 0;
	script_begin();
	opposite_orders();
	ck_assert_uint_eq(script_check(), 1);
	ck_assert_uint_eq(script_graph->lost, 0);
}
END_TEST

START_TEST(nothing_is_said_when_creations_may_be_missing_from_the_log)
{
	script_begin();
	create(0, 1), create(0, 2);
	for (uint32_t i = 0; i < EVENT_LOG_MAX + 10; i++)
		perform(0, OP_YIELD, NULL, 0);
	nest(1, 0, 1), nest(2, 1, 0);
	ck_assert_uint_eq(script_check(), 0);
	ck_assert_uint_gt(script_graph->lost, 0);
}
END_TEST

/* Against the definition, by brute force: random nested sections of few script_locks by few
 * threads. */
static bool deadlock_reachable(unsigned sections[4][2][2], unsigned count);

START_TEST(two_random_threads_are_accused_exactly_when_they_can_deadlock)
{
	uint64_t seed = 0;

	for (int round = 0; round < 3000; round++) {
		unsigned sections[4][2][2]; /* thread 1: 0 and 1, thread 2: 2 and 3 */

		script_begin();
		create(0, 1), create(0, 2);
		for (unsigned s = 0; s < 4; s++) {
			seed = hash_fold(seed, s);
			sections[s][0][0] = (unsigned)(seed % 3);
			sections[s][0][1] = (sections[s][0][0] + 1 + (unsigned)(seed >> 8) % 2) % 3;
			nest(1 + s / 2, sections[s][0][0], sections[s][0][1]);
		}
		ck_assert_int_eq(script_check() > 0, deadlock_reachable(sections, 4));
	}
}
END_TEST

/* Every pair of positions of the two threads: each stands between its two script_locks, wanting
 * what the other has. */
static bool deadlock_reachable(unsigned sections[4][2][2], unsigned count)
{
	for (unsigned a = 0; a < count / 2; a++)
		for (unsigned b = count / 2; b < count; b++)
			if (sections[a][0][0] == sections[b][0][1] &&
			    sections[a][0][1] == sections[b][0][0])
				return true;
	return false;
}

Suite *check_suite(void)
{
	Suite *suite = suite_create("detect_lock_graph");
	TCase *tcase = tcase_create("cycles");

	tcase_add_loop_test(tcase, cycles_are_warned_about_and_their_harmless_twins_are_not, 0,
			    RUN_COUNT);
	tcase_add_test(tcase, a_schedule_does_not_remember_the_one_before);
	tcase_add_test(tcase, the_same_cycle_by_many_threads_is_one_finding);
	tcase_add_test(tcase, a_cycle_may_pass_through_every_lock);
	tcase_add_test(tcase, two_random_threads_are_accused_exactly_when_they_can_deadlock);
	suite_add_tcase(suite, tcase);
	tcase = tcase_create("bounds");
	tcase_add_test(tcase, what_was_seen_before_takes_no_room);
	tcase_add_test(tcase, what_does_not_fit_is_counted);
	tcase_add_test(tcase, nothing_is_said_when_creations_may_be_missing_from_the_log);
	suite_add_tcase(suite, tcase);
	return suite;
}
