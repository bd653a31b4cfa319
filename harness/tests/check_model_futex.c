/* SPDX-License-Identifier: Apache-2.0 */
/* The futex model against scripts: a world of four threads, the strategy's answers given in
 * advance. */
#include <check.h>
#include <errno.h>
#include <linux/futex.h>
#include <string.h>

#include "check_main.h"
#include "model/futex.h"

static struct world world;
static struct thread threads[4];
static uint32_t answer;
static uint32_t word, other;

static uint32_t choose(struct world *w, enum choice_kind kind, uint32_t bound)
{
	(void)w;
	(void)kind;
	return answer < bound ? answer : bound - 1;
}

static void misuse(struct world *w, const struct thread *by, enum finding_cause cause,
		   const void *object, thread_id who, const void *site, uint32_t step)
{
	(void)w;
	(void)by;
	(void)cause;
	(void)object;
	(void)who;
	(void)site;
	(void)step;
	ck_abort_msg("no misuse is possible here");
}

static const struct world_ops ops = { .choose_value = choose, .misuse = misuse };

static void begin(void)
{
	world_init(&world, &ops);
	memset(threads, 0, sizeof(threads));
	for (int i = 0; i < 4; i++)
		world_add(&world, &threads[i]);
	answer = 0;
	word = other = 0;
}

static struct thread *publish(int n, enum op_kind kind, void *object, uint64_t a, uint64_t b)
{
	struct op *op = &threads[n].op;

	memset(op, 0, sizeof(*op));
	op->kind = (uint16_t)kind;
	op->object = object;
	op->args[0] = a;
	op->args[1] = b;
	op->deadline_ns = OP_NO_DEADLINE;
	return &threads[n];
}

static enum model_step wait_on(int n, uint32_t expected, uint32_t bits)
{
	return model_futex_wait(&world, publish(n, OP_FUTEX_WAIT, &word, expected, bits));
}

static long wake_on(int n, uint64_t most, uint32_t bits)
{
	ck_assert_int_eq(model_futex_wake(&world, publish(n, OP_FUTEX_WAKE, &word, most, bits)),
			 MODEL_DONE);
	return threads[n].result;
}

START_TEST(a_wait_for_another_value_returns_at_once)
{
	word = 5;
	ck_assert_int_eq(wait_on(0, 4, ~0U), MODEL_DONE);
	ck_assert_int_eq(threads[0].result, -EAGAIN);
	ck_assert_int_eq(threads[0].status, THREAD_READY);
}
END_TEST

START_TEST(a_woken_waiter_returns_0_whatever_the_word_is_then)
{
	ck_assert_int_eq(wait_on(0, 0, ~0U), MODEL_BLOCKED);
	word = 9;
	ck_assert_int_eq(wake_on(1, 1, ~0U), 1);
	ck_assert_int_eq(threads[0].status, THREAD_READY);
	ck_assert_int_eq(model_futex_wait(&world, &threads[0]), MODEL_DONE);
	ck_assert_int_eq(threads[0].result, 0);
}
END_TEST

START_TEST(a_wake_takes_no_more_than_asked_and_the_strategy_says_whom)
{
	wait_on(0, 0, ~0U);
	wait_on(1, 0, ~0U);
	wait_on(2, 0, ~0U);
	answer = 1;
	ck_assert_int_eq(wake_on(3, 1, ~0U), 1);
	ck_assert_int_eq(threads[0].status, THREAD_BLOCKED);
	ck_assert_int_eq(threads[1].status, THREAD_READY);
	ck_assert_int_eq(threads[2].status, THREAD_BLOCKED);
	ck_assert_uint_eq(world.event_aux, 1 | 3 << 16);
	ck_assert_int_eq(wake_on(3, 100, ~0U), 2);
	ck_assert_int_eq(wake_on(3, 100, ~0U), 0);
}
END_TEST

START_TEST(a_wake_only_takes_waiters_whose_bits_meet)
{
	wait_on(0, 0, 1);
	wait_on(1, 0, 6);
	ck_assert_int_eq(wake_on(3, 10, 2), 1);
	ck_assert_int_eq(threads[0].status, THREAD_BLOCKED);
	ck_assert_int_eq(threads[1].status, THREAD_READY);
}
END_TEST

START_TEST(a_wait_ends_at_its_deadline)
{
	struct thread *t = publish(0, OP_FUTEX_WAIT, &word, 0, ~0ULL);

	t->op.deadline_ns = 500;
	ck_assert_int_eq(model_futex_wait(&world, t), MODEL_BLOCKED);
	ck_assert(world_advance(&world));
	ck_assert_int_eq(model_futex_wait(&world, t), MODEL_DONE);
	ck_assert_int_eq(t->result, -ETIMEDOUT);
	ck_assert_uint_eq(world.now_ns, 500);
}
END_TEST

START_TEST(a_requeue_moves_what_it_does_not_wake)
{
	struct thread *t;

	wait_on(0, 0, ~0U);
	wait_on(1, 0, ~0U);
	wait_on(2, 0, ~0U);
	t = publish(3, OP_FUTEX_REQUEUE, &word, 1, 1);
	t->op.object2 = &other;
	ck_assert_int_eq(model_futex_requeue(&world, t), MODEL_DONE);
	ck_assert_int_eq(t->result, 2);
	ck_assert_uint_eq(world_waiter_count(&world, &word), 1);
	ck_assert_uint_eq(world_waiter_count(&world, &other), 1);
}
END_TEST

START_TEST(a_compare_and_requeue_of_a_changed_word_does_nothing)
{
	struct thread *t;

	wait_on(0, 0, ~0U);
	word = 1;
	t = publish(3, OP_FUTEX_REQUEUE, &word, 1, 1);
	t->op.object2 = &other;
	t->op.args[2] = 1;
	t->op.args[3] = 0;
	model_futex_requeue(&world, t);
	ck_assert_int_eq(t->result, -EAGAIN);
	ck_assert_uint_eq(world_waiter_count(&world, &word), 1);
}
END_TEST

START_TEST(a_pi_lock_goes_to_the_waiter_that_the_unlock_picks)
{
	struct thread *t = publish(0, OP_FUTEX_LOCK_PI, &word, 100, 0);

	ck_assert_int_eq(model_futex_lock_pi(&world, t), MODEL_DONE);
	ck_assert_uint_eq(word, 100);
	t = publish(1, OP_FUTEX_LOCK_PI, &word, 101, 0);
	ck_assert_int_eq(model_futex_lock_pi(&world, t), MODEL_BLOCKED);
	ck_assert_uint_eq(word, 100 | FUTEX_WAITERS);
	ck_assert_int_eq(model_futex_unlock_pi(&world,
					       publish(0, OP_FUTEX_UNLOCK_PI, &word, 100, 0)),
			 MODEL_DONE);
	ck_assert_uint_eq(word, 101);
	ck_assert_int_eq(model_futex_lock_pi(&world, &threads[1]), MODEL_DONE);
	ck_assert_int_eq(threads[1].result, 0);
}
END_TEST

START_TEST(a_pi_lock_knows_its_owner)
{
	model_futex_lock_pi(&world, publish(0, OP_FUTEX_LOCK_PI, &word, 100, 0));
	model_futex_lock_pi(&world, publish(0, OP_FUTEX_LOCK_PI, &word, 100, 0));
	ck_assert_int_eq(threads[0].result, -EDEADLK);
	model_futex_lock_pi(&world, publish(1, OP_FUTEX_LOCK_PI, &word, 101, 1));
	ck_assert_int_eq(threads[1].result, -EAGAIN);
	model_futex_unlock_pi(&world, publish(1, OP_FUTEX_UNLOCK_PI, &word, 101, 0));
	ck_assert_int_eq(threads[1].result, -EPERM);
}
END_TEST

static const struct wake_op_row {
	const char *name;
	int operation, operand, comparison, compared;
	uint32_t before, after;
	long woken; /* one waits at each word */
} wake_ops[] = {
	{ "set, equal", FUTEX_OP_SET, 3, FUTEX_OP_CMP_EQ, 1, 1, 3, 2 },
	{ "add, greater", FUTEX_OP_ADD, 2, FUTEX_OP_CMP_GT, 5, 4, 6, 1 },
	{ "or, at least", FUTEX_OP_OR, 8, FUTEX_OP_CMP_GE, 4, 4, 12, 2 },
	{ "clear, less", FUTEX_OP_ANDN, 1, FUTEX_OP_CMP_LT, 0, 7, 6, 1 },
	{ "toggle, not equal", FUTEX_OP_XOR, 1, FUTEX_OP_CMP_NE, 0, 1, 0, 2 },
	{ "set a bit, at most", FUTEX_OP_SET | FUTEX_OP_OPARG_SHIFT, 4, FUTEX_OP_CMP_LE, -1, 0, 16,
	  1 },
};

START_TEST(a_wake_op_changes_the_second_word_and_wakes_there_if_the_old_value_says_so)
{
	const struct wake_op_row *row = &wake_ops[_i];
	struct thread *t;

	other = row->before;
	wait_on(0, 0, ~0U);
	t = publish(1, OP_FUTEX_WAIT, &other, row->before, ~0ULL);
	model_futex_wait(&world, t);
	t = publish(3, OP_FUTEX_WAKE, &word, 1, ~0ULL);
	t->op.object2 = &other;
	t->op.args[2] = 1;
	t->op.args[3] = (uint32_t)FUTEX_OP((unsigned)row->operation, row->operand,
					   (unsigned)row->comparison, row->compared);
	model_futex_wake(&world, t);
	ck_assert_msg(t->result == row->woken, "%s: %ld woken", row->name, t->result);
	ck_assert_msg(other == row->after, "%s: the word is %u", row->name, other);
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("model/futex");
	TCase *t = tcase_create("futex");

	tcase_add_checked_fixture(t, begin, NULL);
	tcase_add_test(t, a_wait_for_another_value_returns_at_once);
	tcase_add_test(t, a_woken_waiter_returns_0_whatever_the_word_is_then);
	tcase_add_test(t, a_wake_takes_no_more_than_asked_and_the_strategy_says_whom);
	tcase_add_test(t, a_wake_only_takes_waiters_whose_bits_meet);
	tcase_add_test(t, a_wait_ends_at_its_deadline);
	tcase_add_test(t, a_requeue_moves_what_it_does_not_wake);
	tcase_add_test(t, a_compare_and_requeue_of_a_changed_word_does_nothing);
	tcase_add_test(t, a_pi_lock_goes_to_the_waiter_that_the_unlock_picks);
	tcase_add_test(t, a_pi_lock_knows_its_owner);
	tcase_add_loop_test(
		t, a_wake_op_changes_the_second_word_and_wakes_there_if_the_old_value_says_so, 0,
		sizeof(wake_ops) / sizeof(wake_ops[0]));
	suite_add_tcase(suite, t);
	return suite;
}
