/* SPDX-License-Identifier: Apache-2.0 */
/* Who gets a signal, and when: three threads, no handlers run here. */
#include <check.h>
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "check_main.h"
#include "model/signal.h"

static struct world world;
static struct thread threads[3];
static uint32_t answer;

static uint32_t choose(struct world *w, enum choice_kind kind, uint32_t bound)
{
	(void)w;
	(void)kind;
	return answer < bound ? answer : bound - 1;
}

static const struct world_ops ops = { .choose_value = choose };

static void handler(int signo)
{
	(void)signo;
}

static void begin(void)
{
	memset(signal_actions, 0, sizeof(signal_actions));
	signal_forget();
	world_init(&world, &ops);
	memset(threads, 0, sizeof(threads));
	for (int i = 0; i < 3; i++) {
		threads[i].op.deadline_ns = OP_NO_DEADLINE;
		world_add(&world, &threads[i]);
	}
	answer = 0;
}

static void handle(int signo)
{
	signal_actions[signo].handler = (uintptr_t)handler;
}

static int post(int target, int signo, int value)
{
	siginfo_t info;

	memset(&info, 0, sizeof(info));
	info.si_signo = signo;
	info.si_value.sival_int = value;
	return signal_post(&world, target < 0 ? NULL : &threads[target], &info);
}

static int take(int n, siginfo_t *info)
{
	return signal_take(&threads[n], ~threads[n].signals_blocked, info);
}

static enum model_step wait_for(int n, uint64_t set, siginfo_t *info)
{
	threads[n].op.kind = OP_SIGNAL_WAIT;
	threads[n].op.args[0] = set;
	threads[n].op.args[1] = (uintptr_t)info;
	return model_signal_wait(&world, &threads[n]);
}

START_TEST(the_default_of_most_signals_ends_the_process)
{
	ck_assert_int_eq(post(1, SIGTERM, 0), 0);
	ck_assert_int_eq(signal_fatal, SIGTERM);
	ck_assert(signal_deliverable(&threads[0]));
}
END_TEST

START_TEST(an_ignored_signal_leaves_nothing)
{
	signal_actions[SIGTERM].handler = (uintptr_t)SIG_IGN;
	post(-1, SIGTERM, 0);
	post(-1, SIGCHLD, 0);
	post(-1, SIGCONT, 0);
	ck_assert_int_eq(signal_fatal, 0);
	for (int i = 0; i < 3; i++)
		ck_assert(!signal_deliverable(&threads[i]));
}
END_TEST

START_TEST(a_blocked_signal_stays_with_its_thread_even_if_it_is_ignored)
{
	siginfo_t info;

	signal_actions[SIGUSR1].handler = (uintptr_t)SIG_IGN;
	threads[1].signals_blocked = signal_bit(SIGUSR1);
	post(1, SIGUSR1, 0);
	ck_assert_uint_eq(threads[1].signals_pending, signal_bit(SIGUSR1));
	ck_assert_int_eq(take(1, &info), 0);
	threads[1].signals_blocked = 0;
	ck_assert_int_eq(take(1, &info), SIGUSR1);
}
END_TEST

START_TEST(the_process_signal_goes_to_main_when_main_can_take_it)
{
	handle(SIGUSR1);
	post(-1, SIGUSR1, 0);
	ck_assert(signal_deliverable(&threads[0]));
	ck_assert(!signal_deliverable(&threads[1]));
}
END_TEST

START_TEST(the_strategy_chooses_among_the_others_when_main_blocks_it)
{
	handle(SIGUSR1);
	threads[0].signals_blocked = signal_bit(SIGUSR1);
	answer = 1;
	post(-1, SIGUSR1, 0);
	ck_assert(!signal_deliverable(&threads[0]));
	ck_assert(!signal_deliverable(&threads[1]));
	ck_assert(signal_deliverable(&threads[2]));
}
END_TEST

START_TEST(a_signal_that_all_block_waits_for_the_first_that_does_not)
{
	siginfo_t info;

	handle(SIGUSR1);
	for (int i = 0; i < 3; i++)
		threads[i].signals_blocked = signal_bit(SIGUSR1);
	post(-1, SIGUSR1, 7);
	for (int i = 0; i < 3; i++)
		ck_assert(!signal_deliverable(&threads[i]));
	threads[2].signals_blocked = 0;
	ck_assert_int_eq(take(2, &info), SIGUSR1);
	ck_assert_int_eq(info.si_value.sival_int, 7);
	ck_assert_uint_eq(signal_process_pending, 0);
}
END_TEST

START_TEST(standard_signals_merge_and_real_time_signals_queue)
{
	siginfo_t info;

	handle(SIGUSR1);
	handle(SIGRTMIN);
	post(0, SIGUSR1, 1);
	post(0, SIGUSR1, 2);
	post(0, SIGRTMIN, 3);
	post(0, SIGRTMIN, 4);
	ck_assert_int_eq(take(0, &info), SIGUSR1);
	ck_assert_int_eq(info.si_value.sival_int, 1);
	ck_assert_int_eq(take(0, &info), SIGRTMIN);
	ck_assert_int_eq(info.si_value.sival_int, 3);
	ck_assert_int_eq(take(0, &info), SIGRTMIN);
	ck_assert_int_eq(info.si_value.sival_int, 4);
	ck_assert_int_eq(take(0, &info), 0);
}
END_TEST

START_TEST(a_full_queue_refuses_real_time_signals_and_still_takes_others)
{
	handle(SIGRTMIN);
	handle(SIGUSR1);
	for (int i = 0; i < SIGNAL_QUEUE_MAX; i++)
		ck_assert_int_eq(post(0, SIGRTMIN, i), 0);
	ck_assert_int_eq(post(0, SIGRTMIN, 0), -EAGAIN);
	ck_assert_int_eq(post(0, SIGUSR1, 0), 0);
	ck_assert(threads[0].signals_pending & signal_bit(SIGUSR1));
}
END_TEST

START_TEST(the_lowest_number_comes_first)
{
	siginfo_t info;

	handle(SIGUSR2);
	handle(SIGHUP);
	post(0, SIGUSR2, 0);
	post(0, SIGHUP, 0);
	ck_assert_int_eq(take(0, &info), SIGHUP);
	ck_assert_int_eq(take(0, &info), SIGUSR2);
}
END_TEST

START_TEST(a_wait_for_signals_gets_what_its_thread_blocks)
{
	siginfo_t info;

	threads[1].signals_blocked = signal_bit(SIGUSR1);
	threads[0].signals_blocked = threads[2].signals_blocked = signal_bit(SIGUSR1);
	ck_assert_int_eq(wait_for(1, signal_bit(SIGUSR1), &info), MODEL_BLOCKED);
	post(-1, SIGUSR1, 5);
	ck_assert_int_eq(threads[1].status, THREAD_READY);
	ck_assert_int_eq(model_signal_wait(&world, &threads[1]), MODEL_DONE);
	ck_assert_int_eq(threads[1].result, SIGUSR1);
	ck_assert_int_eq(info.si_value.sival_int, 5);
	ck_assert_int_eq(signal_fatal, 0);
}
END_TEST

START_TEST(a_wait_for_signals_ends_at_its_deadline)
{
	threads[1].op.deadline_ns = 100;
	ck_assert_int_eq(wait_for(1, signal_bit(SIGUSR1), NULL), MODEL_BLOCKED);
	ck_assert(world_advance(&world));
	ck_assert_int_eq(model_signal_wait(&world, &threads[1]), MODEL_DONE);
	ck_assert_int_eq(threads[1].result, -EAGAIN);
}
END_TEST

START_TEST(an_interruptible_wait_is_broken_for_a_handler_and_no_other_is)
{
	handle(SIGUSR1);
	threads[1].op.flags = OP_INTERRUPTIBLE;
	world_block(&world, &threads[1], NULL);
	world_block(&world, &threads[2], NULL);
	post(2, SIGUSR1, 0);
	ck_assert_int_eq(threads[2].status, THREAD_BLOCKED);
	post(1, SIGUSR1, 0);
	ck_assert_int_eq(threads[1].status, THREAD_READY);
	ck_assert(threads[1].op.flags & OP_INTERRUPTED);
}
END_TEST

START_TEST(a_pause_ends_when_a_handler_is_to_run)
{
	handle(SIGUSR1);
	ck_assert_int_eq(wait_for(1, 0, NULL), MODEL_BLOCKED);
	post(1, SIGUSR1, 0);
	ck_assert_int_eq(model_signal_wait(&world, &threads[1]), MODEL_DONE);
	ck_assert_int_eq(threads[1].result, -EINTR);
}
END_TEST

START_TEST(what_is_pending_for_a_thread_goes_with_it)
{
	siginfo_t info;

	handle(SIGRTMIN);
	post(1, SIGRTMIN, 1);
	post(0, SIGRTMIN, 2);
	signal_forget_thread(&threads[1]);
	ck_assert_int_eq(take(1, &info), 0);
	ck_assert_int_eq(take(0, &info), SIGRTMIN);
	ck_assert_int_eq(info.si_value.sival_int, 2);
}
END_TEST

START_TEST(what_becomes_ignored_is_dropped_wherever_it_is_pending)
{
	siginfo_t info;

	for (int i = 0; i < 3; i++)
		threads[i].signals_blocked = ~0ULL;
	handle(SIGUSR1);
	handle(SIGUSR2);
	ck_assert_int_eq(post(1, SIGUSR1, 1), 0);
	ck_assert_int_eq(post(-1, SIGUSR1, 2), 0);
	ck_assert_int_eq(post(1, SIGUSR2, 3), 0);
	signal_discard(&world, SIGUSR1);
	ck_assert_uint_eq(signal_process_pending, 0);
	threads[1].signals_blocked = 0;
	ck_assert_int_eq(take(1, &info), SIGUSR2);
	ck_assert_int_eq(info.si_value.sival_int, 3);
	ck_assert_int_eq(take(1, &info), 0);
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("model/signal");
	TCase *t = tcase_create("signal");

	tcase_add_checked_fixture(t, begin, NULL);
	tcase_add_test(t, the_default_of_most_signals_ends_the_process);
	tcase_add_test(t, an_ignored_signal_leaves_nothing);
	tcase_add_test(t, a_blocked_signal_stays_with_its_thread_even_if_it_is_ignored);
	tcase_add_test(t, the_process_signal_goes_to_main_when_main_can_take_it);
	tcase_add_test(t, the_strategy_chooses_among_the_others_when_main_blocks_it);
	tcase_add_test(t, a_signal_that_all_block_waits_for_the_first_that_does_not);
	tcase_add_test(t, standard_signals_merge_and_real_time_signals_queue);
	tcase_add_test(t, a_full_queue_refuses_real_time_signals_and_still_takes_others);
	tcase_add_test(t, the_lowest_number_comes_first);
	tcase_add_test(t, a_wait_for_signals_gets_what_its_thread_blocks);
	tcase_add_test(t, a_wait_for_signals_ends_at_its_deadline);
	tcase_add_test(t, an_interruptible_wait_is_broken_for_a_handler_and_no_other_is);
	tcase_add_test(t, a_pause_ends_when_a_handler_is_to_run);
	tcase_add_test(t, what_is_pending_for_a_thread_goes_with_it);
	tcase_add_test(t, what_becomes_ignored_is_dropped_wherever_it_is_pending);
	suite_add_tcase(suite, t);
	return suite;
}
