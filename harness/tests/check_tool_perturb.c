/* SPDX-License-Identifier: Apache-2.0 */
/* Plans of runs, waits of threads, and why a run stands: from tables, without a program. */
#include "check_main.h"

#include <linux/futex.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

#include "event/op.h"
#include "perturb/perturb_hang.h"
#include "perturb/perturb_run.h"
#include "perturb/perturb_words.h"

START_TEST(the_first_run_is_native_and_the_others_use_every_strategy)
{
	const struct perturb_learned learned = { .native_ns = 1000000, .points = 50 };
	bool used[PERTURB_STRATEGY_COUNT] = { false };

	ck_assert_uint_eq(perturb_plan(1, 0, &learned).strategy, PERTURB_NATIVE);
	for (uint64_t run = 1; run < 40; run++)
		used[perturb_plan(1, run, &learned).strategy] = true;
	for (uint32_t i = PERTURB_NATIVE + 1; i < PERTURB_SLEEPS; i++)
		ck_assert(used[i]);
	ck_assert(!used[PERTURB_SLEEPS] && !used[PERTURB_NATIVE]);
}
END_TEST

START_TEST(delays_grow_with_the_run_and_shrink_by_halvings)
{
	const struct perturb_learned shorter = { .native_ns = 1000000 },
				     longer = { .native_ns = 50000000 },
				     costly = { .native_ns = 50000000, .halvings = 4 };
	uint64_t sums[3] = { 0 };

	for (uint64_t run = 1; run < 200; run++) {
		sums[0] += perturb_plan(1, run, &shorter).delay_ns;
		sums[1] += perturb_plan(1, run, &longer).delay_ns;
		sums[2] += perturb_plan(1, run, &costly).delay_ns;
	}
	ck_assert_uint_gt(sums[1], 2 * sums[0]);
	ck_assert_uint_gt(sums[1], 2 * sums[2]);
}
END_TEST

static struct perturb_board board;
static struct perturb_guide guide;
static uint32_t words[PERTURB_WORDS_MAX];

static void clear(void)
{
	memset(&board, 0, sizeof(board));
}

static void passes(uint16_t thread, uint32_t at_us)
{
	board.passed[board.passed_count++] = (struct perturb_pass){ at_us + 1, thread, 0 };
}

static size_t write_down(void)
{
	const struct perturb_learned learned = { .native_ns = 1ULL << 40, .points = 12 };

	clear();
	board.config = perturb_plan(~0ULL, 77, &learned);
	board.thread_count = 2;
	board.threads[0].lineage = 7;
	board.threads[1].lineage = 1ULL << 63 | 5;
	passes(0, 10);
	passes(1, 25);
	passes(0, 24); /* looked at the clock before the other */
	passes(1, 1U << 30);
	return perturb_to_words(&board, words);
}

START_TEST(a_plan_survives_being_written_down)
{
	const size_t count = write_down();
	struct perturb_config read;

	ck_assert(perturb_from_words(&read, &guide, words, count));
	ck_assert_mem_eq(&read, &board.config, sizeof(read));
	ck_assert(!perturb_from_words(&read, &guide, words, count - 1));
	ck_assert(!perturb_from_words(&read, &guide, words, count + 1));
	ck_assert(!perturb_from_words(&read, &guide, words, 7));
	ck_assert(perturb_from_words(&read, &guide, words, 8));
	ck_assert_uint_eq(guide.pass_count, 0);
	words[6] = PERTURB_STRATEGY_COUNT;
	ck_assert(!perturb_from_words(&read, &guide, words, count));
}
END_TEST

START_TEST(so_does_the_order_with_its_gaps)
{
	const size_t count = write_down();
	const struct perturb_pass expected[] = {
		{ 10, 0, 0 }, { 15, 1, 0 }, { 0, 0, 0 }, { (1U << 24) - 1, 1, 0 }
	};
	struct perturb_config read;

	ck_assert(perturb_from_words(&read, &guide, words, count));
	ck_assert_uint_eq(guide.lineage_count, 2);
	ck_assert_uint_eq(guide.lineages[1], 1ULL << 63 | 5);
	ck_assert_uint_eq(guide.pass_count, 4);
	ck_assert_mem_eq(guide.passes, expected, sizeof(expected));
	words[9] = UINT32_MAX - 13;
	ck_assert(!perturb_from_words(&read, &guide, words, count));
}
END_TEST

static void asks(uint16_t thread, uint32_t at_us)
{
	passes(thread, at_us);
	board.passed[board.passed_count - 1].acquires = 1;
}

START_TEST(who_got_a_lock_later_asks_later)
{
	const struct perturb_pass expected[] = { { 14, 1, 0 }, { 0, 1, 0 }, { 3, 1, 0 },
						 { 10, 0, 0 }, { 0, 0, 0 }, { 3, 1, 0 } };
	struct perturb_config read;

	clear();
	board.thread_count = 2;
	asks(0, 10);
	asks(1, 12);
	passes(1, 14);
	passes(1, 17);
	passes(0, 27);
	asks(1, 30); /* in vain */
	ck_assert(perturb_from_words(&read, &guide, words, perturb_to_words(&board, words)));
	ck_assert_uint_eq(guide.pass_count, 6);
	ck_assert_mem_eq(guide.passes, expected, sizeof(expected));
}
END_TEST

/* Who died between claiming and filling a place, or scribbled over the board. */
START_TEST(an_order_ends_where_it_is_not_known)
{
	struct perturb_config read;

	write_down();
	board.passed[2].after_us = 0;
	ck_assert(perturb_from_words(&read, &guide, words, perturb_to_words(&board, words)));
	ck_assert_uint_eq(guide.pass_count, 2);
	board.passed[1].thread = 2;
	ck_assert(perturb_from_words(&read, &guide, words, perturb_to_words(&board, words)));
	ck_assert_uint_eq(guide.pass_count, 1);
	board.thread_count = board.passed_count = UINT32_MAX;
	ck_assert(perturb_from_words(&read, &guide, words, perturb_to_words(&board, words)));
}
END_TEST

static const struct {
	const char *name;
	long number;
	unsigned long arguments[4];
	bool is_pipe;
	enum wait_state state;
} wait_rows[] = {
	{ "a mutex", SYS_futex, { 1, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, 2, 0 }, false, WAIT_OTHERS },
	{ "a timed wait",
	  SYS_futex,
	  { 1, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 0, 99 },
	  false,
	  WAIT_TIME },
	{ "a wake-up on its way", SYS_futex, { 1, FUTEX_WAKE, 1, 0 }, false, WAIT_RUNS },
	{ "a child", SYS_wait4, { 0 }, false, WAIT_OTHERS },
	{ "an empty pipe", SYS_read, { 3 }, true, WAIT_OTHERS },
	{ "a terminal or socket", SYS_read, { 3 }, false, WAIT_UNKNOWN },
	{ "a sleep", SYS_clock_nanosleep, { 0 }, false, WAIT_TIME },
	{ "events, for ever", SYS_epoll_pwait, { 3, 1, 1, (unsigned)-1 }, false, WAIT_UNKNOWN },
	{ "events, for a while", SYS_epoll_pwait, { 3, 1, 1, 100 }, false, WAIT_TIME },
};

START_TEST(the_kernel_tells_what_a_thread_waits_for)
{
	char text[200];

	snprintf(text, sizeof(text), "%ld 0x%lx 0x%lx 0x%lx 0x%lx 0x0 0x0 0x7ffe 0x7fff\n",
		 wait_rows[_i].number, wait_rows[_i].arguments[0], wait_rows[_i].arguments[1],
		 wait_rows[_i].arguments[2], wait_rows[_i].arguments[3]);
	ck_assert_msg(wait_state_of(text, wait_rows[_i].is_pipe) == wait_rows[_i].state, "%s",
		      wait_rows[_i].name);
	ck_assert_int_eq(wait_state_of("running\n", false), WAIT_RUNS);
	ck_assert_int_eq(wait_state_of("", false), WAIT_UNKNOWN);
}
END_TEST

static struct finding finding;

static struct perturb_thread *thread(unsigned i, enum op_kind op, uint64_t object)
{
	board.threads[i] = (struct perturb_thread){ .state = PERTURB_WAITS,
						    .op = (uint16_t)op,
						    .object = object,
						    .handle = 0x1000 + i,
						    .site = 0x400000 + i };
	return &board.threads[i];
}

static void holds(struct perturb_thread *who, uint64_t object)
{
	who->holds[who->hold_count++] = (struct perturb_hold){ .object = object, .site = 0x500000 };
}

static void expect(enum finding_kind kind, enum finding_cause cause)
{
	perturb_hang(&board, true, &finding);
	ck_assert_str_eq(finding_kind_name(finding.kind), finding_kind_name(kind));
	ck_assert_str_eq(finding_cause_name(finding.cause), finding_cause_name(cause));
}

START_TEST(a_cycle_of_locks_is_named)
{
	thread(0, OP_THREAD_JOIN, 0x1001);
	holds(thread(1, OP_MUTEX_LOCK, 0xb), 0xa);
	holds(thread(2, OP_MUTEX_LOCK, 0xc), 0xb);
	holds(thread(3, OP_RWLOCK_WRLOCK, 0xa), 0xc);
	expect(FINDING_DEADLOCK, CAUSE_LOCK_CYCLE);
	ck_assert_uint_eq(finding.site_count, 7); /* three wait and hold, main joins */
}
END_TEST

START_TEST(two_that_want_a_lock_of_a_waiter_are_no_cycle)
{
	holds(thread(0, OP_COND_WAIT, 0xd), 0xa);
	thread(1, OP_MUTEX_LOCK, 0xa);
	thread(2, OP_MUTEX_LOCK, 0xa);
	expect(FINDING_DEADLOCK, CAUSE_NO_SIGNAL);
}
END_TEST

START_TEST(a_lock_taken_twice_is_self)
{
	holds(thread(0, OP_MUTEX_LOCK, 0xa), 0xa);
	expect(FINDING_DEADLOCK, CAUSE_SELF);
}
END_TEST

START_TEST(joins_in_a_circle)
{
	thread(0, OP_THREAD_JOIN, 0x1001);
	thread(1, OP_THREAD_JOIN, 0x1000);
	expect(FINDING_DEADLOCK, CAUSE_JOIN_CYCLE);
}
END_TEST

START_TEST(an_owner_that_ended)
{
	struct perturb_thread *owner = thread(1, OP_MUTEX_LOCK, 0xa);

	holds(owner, 0xa);
	owner->state = PERTURB_ENDED;
	thread(0, OP_MUTEX_LOCK, 0xa);
	expect(FINDING_DEADLOCK, CAUSE_OWNER_EXITED);
}
END_TEST

START_TEST(a_signal_that_found_nobody)
{
	struct perturb_thread *signaller = thread(1, OP_COND_SIGNAL, 0xd);

	signaller->state = PERTURB_ENDED;
	signaller->signals[0] = (struct perturb_signal){ .object = 0xd, .site = 0x600000 };
	thread(0, OP_COND_WAIT, 0xd);
	expect(FINDING_DEADLOCK, CAUSE_LOST_WAKEUP);
	/* On another condition it explains nothing. */
	signaller->signals[0].object = 0xe;
	expect(FINDING_DEADLOCK, CAUSE_NO_SIGNAL);
}
END_TEST

START_TEST(what_the_table_does_not_show_is_a_hang)
{
	thread(0, OP_MUTEX_LOCK, 0xa);
	expect(FINDING_HANG, CAUSE_NONE);
	perturb_hang(&board, false, &finding);
	ck_assert_int_eq(finding.cause, CAUSE_NO_PROGRESS);
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("tool/perturb");
	TCase *plan = tcase_create("plan"), *hang = tcase_create("hang");

	tcase_add_test(plan, the_first_run_is_native_and_the_others_use_every_strategy);
	tcase_add_test(plan, delays_grow_with_the_run_and_shrink_by_halvings);
	tcase_add_test(plan, a_plan_survives_being_written_down);
	tcase_add_test(plan, so_does_the_order_with_its_gaps);
	tcase_add_test(plan, who_got_a_lock_later_asks_later);
	tcase_add_test(plan, an_order_ends_where_it_is_not_known);
	tcase_add_loop_test(plan, the_kernel_tells_what_a_thread_waits_for, 0,
			    sizeof(wait_rows) / sizeof(wait_rows[0]));
	tcase_add_checked_fixture(hang, clear, NULL);
	tcase_add_test(hang, a_cycle_of_locks_is_named);
	tcase_add_test(hang, two_that_want_a_lock_of_a_waiter_are_no_cycle);
	tcase_add_test(hang, a_lock_taken_twice_is_self);
	tcase_add_test(hang, joins_in_a_circle);
	tcase_add_test(hang, an_owner_that_ended);
	tcase_add_test(hang, a_signal_that_found_nobody);
	tcase_add_test(hang, what_the_table_does_not_show_is_a_hang);
	suite_add_tcase(suite, plan);
	suite_add_tcase(suite, hang);
	return suite;
}
