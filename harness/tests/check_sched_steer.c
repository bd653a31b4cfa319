/* SPDX-License-Identifier: Apache-2.0 */
/* Steering: two accesses meet and go in the order that was asked for; what does not meet is held,
 * but never for ever. */
#include "check_main.h"

#include <string.h>

#include "sched_world.h"

#define THREADS 4

/* A world in which every thread stands before one operation. */
static struct thread threads[THREADS];
static struct thread *by_id[THREADS];
static thread_id ready[THREADS];
static struct sched_view view;

static void stand(unsigned id, unsigned kind, uint32_t flags, uintptr_t address, uint64_t size)
{
	threads[id].op = (struct op){
		.kind = (uint16_t)kind, .flags = flags, .object = (void *)address, .args = { size }
	};
}

static const struct sched_strategy *begin(const char *spec, uint64_t number)
{
	const struct sched_strategy *strategy = sched_open(spec, sim_state(0));
	const struct sched_begin first = sim_begin(31, number);

	ck_assert_ptr_nonnull(strategy);
	memset(threads, 0, sizeof(threads));
	for (unsigned i = 0; i < THREADS; i++) {
		threads[i].id = (thread_id)i;
		threads[i].ready_index = (int32_t)i;
		by_id[i] = &threads[i];
		ready[i] = (thread_id)i;
		stand(i, OP_MUTEX_LOCK, 0, 0x100 + 64 * i, 0);
	}
	view = (struct sched_view){ .threads = by_id,
				    .ready = ready,
				    .ready_count = THREADS,
				    .current = THREAD_NONE,
				    .thread_count = THREADS };
	strategy->begin(sim_state(0), &first);
	return strategy;
}

static thread_id choose(const struct sched_strategy *strategy)
{
	const thread_id choice = strategy->choose(sim_state(0), &view);

	view.current = choice;
	view.step++;
	return choice;
}

static void expect_meeting(const char *spec, thread_id first, thread_id second)
{
	for (uint64_t number = 0; number < 50; number++) {
		const struct sched_strategy *strategy = begin(spec, number);

		stand(1, OP_WRITE, OP_STEER_ONE, 0x1000, 4);
		stand(3, OP_READ, OP_STEER_OTHER, 0x1002, 4);
		ck_assert_uint_eq(choose(strategy), first);
		stand(first, OP_MUTEX_LOCK, 0, 0x100, 0);
		ck_assert_uint_eq(choose(strategy), second);
		ck_assert_uint_eq(sched_steer_meetings(sim_state(0)), 1);
	}
}

START_TEST(who_meets_goes_in_the_order_asked_for)
{
	expect_meeting("steer:one", 1, 3);
	expect_meeting("steer:other", 3, 1);
}
END_TEST

START_TEST(two_threads_at_one_place_meet_as_well)
{
	unsigned lower = 0;

	for (uint64_t number = 0; number < 400; number++) {
		const struct sched_strategy *strategy = begin("steer:one", number);
		thread_id first;

		stand(1, OP_WRITE, OP_STEER_ONE | OP_STEER_OTHER, 0x1000, 4);
		stand(2, OP_WRITE, OP_STEER_ONE | OP_STEER_OTHER, 0x1000, 4);
		first = choose(strategy);
		ck_assert(first == 1 || first == 2);
		ck_assert_uint_eq(choose(strategy), 3U - first);
		lower += first == 1;
	}
	/* Either order, each about as often. */
	ck_assert_uint_gt(lower, 140);
	ck_assert_uint_lt(lower, 260);
}
END_TEST

/* How often, of 1,000 first questions, a held thread was let go. */
static unsigned let_go(uintptr_t address, process_id process, uint32_t other)
{
	unsigned count = 0;

	for (uint64_t number = 0; number < 1000; number++) {
		const struct sched_strategy *strategy = begin("steer:one", number);

		stand(1, OP_WRITE, OP_STEER_ONE, 0x1000, 4);
		stand(3, OP_READ, other, address, 4);
		threads[3].process = process;
		count += (threads[choose(strategy)].op.flags & OP_STEER_ONE) != 0;
		ck_assert_uint_eq(sched_steer_meetings(sim_state(0)), 0);
	}
	return count;
}

START_TEST(without_the_other_it_is_held)
{
	/* Other memory, another process, the same side: nobody meets. Few are let go all the
	 * same: one step in 8 or more, and then it is one of four threads. */
	const unsigned counts[] = { let_go(0x1004, 0, OP_STEER_OTHER),
				    let_go(0x1000, 1, OP_STEER_OTHER),
				    let_go(0x1000, 0, OP_STEER_ONE), let_go(0x1000, 0, 0) };

	for (unsigned i = 0; i < 4; i++) {
		ck_assert_uint_gt(counts[i], 0);
		ck_assert_uint_lt(counts[i], 60);
	}
}
END_TEST

START_TEST(when_all_are_held_one_goes_on)
{
	const struct sched_strategy *strategy = begin("steer:one", 0);

	for (unsigned i = 0; i < THREADS; i++)
		stand(i, OP_WRITE, OP_STEER_ONE, 0x1000, 4);
	ck_assert_uint_lt(choose(strategy), THREADS);
	ck_assert_uint_eq(sched_steer_meetings(sim_state(0)), 0);
}
END_TEST

/* Who holds both racing threads up by spinning until one of them acts must not spin for ever. */
START_TEST(a_spinning_thread_lets_the_held_go_on)
{
	const struct sched_strategy *strategy = begin("steer:one", 3);
	unsigned spins = 0;

	view.ready_count = 2;
	stand(1, OP_WRITE, OP_STEER_ONE, 0x1000, 4);
	stand(0, OP_YIELD, 0, 0, 0);
	while (choose(strategy) == 0) {
		threads[0].result = 0;
		spins++;
		ck_assert_uint_lt(spins, 200);
	}
}
END_TEST

START_TEST(only_two_orders_are_known)
{
	ck_assert_ptr_null(sched_open("steer:", sim_state(0)));
	ck_assert_ptr_null(sched_open("steer:on", sim_state(0)));
	ck_assert_ptr_null(sched_open("steer:others", sim_state(0)));
	ck_assert_ptr_nonnull(sched_open("steer:other", sim_state(0)));
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("sched_steer");
	TCase *tcase = tcase_create("steer");

	tcase_add_test(tcase, who_meets_goes_in_the_order_asked_for);
	tcase_add_test(tcase, two_threads_at_one_place_meet_as_well);
	tcase_add_test(tcase, without_the_other_it_is_held);
	tcase_add_test(tcase, when_all_are_held_one_goes_on);
	tcase_add_test(tcase, a_spinning_thread_lets_the_held_go_on);
	tcase_add_test(tcase, only_two_orders_are_known);
	suite_add_tcase(suite, tcase);
	return suite;
}
