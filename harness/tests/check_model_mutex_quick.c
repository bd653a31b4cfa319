/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What makes a mutex cheap: its gate, and locks and unlocks that are done in short. That both do
 * what the model does is seen by its own tests; here is what they must keep their hands off.
 */
#include <string.h>

#include "model/mutex.h"
#include "model_script.h"

static pthread_mutex_t native;
static struct mutex *const m = (struct mutex *)(void *)&native;

static void begin(void)
{
	script_begin();
	native = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
}

/* The gate only saves questions: it is shut exactly while a lock of the mutex would wait. */
START_TEST(the_gate_of_a_normal_mutex_is_shut_while_it_is_held)
{
	struct thread *waiter = &script_threads[1];

	waiter->gate = mutex_gate(m);
	ck_assert(!thread_gate_is_shut(waiter));
	PLAY(DO(0, LOCK(m)));
	ck_assert(thread_gate_is_shut(waiter));
	PLAY(DO(1, LOCK(m), BLOCKED));
	ck_assert(thread_gate_is_shut(waiter));
	PLAY(DO(0, UNLOCK(m), READY("1")));
	ck_assert(!thread_gate_is_shut(waiter));
	PLAY(GO(1));
	/* Whatever else the bytes may be is the model's to judge, so it must be asked. */
	m->word = 0xa5a5a5a5;
	waiter->gate = mutex_gate(m);
	ck_assert(!thread_gate_is_shut(waiter));
	m->word = MUTEX_HELD;
	m->kind = MUTEX_RECURSIVE;
	waiter->gate = mutex_gate(m);
	ck_assert(!thread_gate_is_shut(waiter));
}
END_TEST

/* What must not be done in short. All else about locks and unlocks is seen by the other tests. */
START_TEST(what_is_not_a_plain_lock_or_unlock_is_not_done_quickly)
{
	static const struct {
		const char *name;
		struct mutex mutex;
		enum op_kind kind;
		uint32_t hold_count;
		struct hold hold; /* its object: the mutex, if any is held */
	} cases[] = {
		{ "held", { .word = MUTEX_HELD, .owner = 2 }, OP_MUTEX_LOCK, 0, { 0 } },
		{ "no mutex", { .owner = 2 }, OP_MUTEX_LOCK, 0, { 0 } },
		{ "another type", { .kind = MUTEX_RECURSIVE }, OP_MUTEX_LOCK, 0, { 0 } },
		{ "destroyed", { .kind = MUTEX_DESTROYED }, OP_MUTEX_LOCK, 0, { 0 } },
		{ "one more", { 0 }, OP_MUTEX_LOCK, 1, { .depth = 1 } },
		{ "free", { 0 }, OP_MUTEX_UNLOCK, 0, { 0 } },
		{ "another's", { .word = 1, .owner = 2 }, OP_MUTEX_UNLOCK, 1, { .depth = 1 } },
		{ "awaited", { .word = 2, .owner = 1 }, OP_MUTEX_UNLOCK, 1, { .depth = 1 } },
		{ "not known", { .word = 1, .owner = 1 }, OP_MUTEX_UNLOCK, 0, { 0 } },
		{ "held twice", { .word = 1, .owner = 1 }, OP_MUTEX_UNLOCK, 1, { .depth = 2 } },
	};
	struct thread *t = &script_threads[0];
	struct mutex before;
	struct thread thread_before;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		*m = cases[i].mutex;
		script_publish(0, cases[i].kind, m);
		t->hold_count = cases[i].hold_count;
		t->holds[0] = cases[i].hold;
		t->holds[0].object = m;
		before = *m;
		thread_before = *t;
		ck_assert_msg(!mutex_quick(&script_world, t), "%s", cases[i].name);
		ck_assert_msg(memcmp(&before, m, sizeof(before)) == 0, "%s", cases[i].name);
		ck_assert_msg(memcmp(&thread_before, t, sizeof(*t)) == 0, "%s", cases[i].name);
	}
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("model_mutex_quick");
	TCase *tcase = tcase_create("mutex_quick");

	tcase_add_checked_fixture(tcase, begin, NULL);
	tcase_add_test(tcase, the_gate_of_a_normal_mutex_is_shut_while_it_is_held);
	tcase_add_test(tcase, what_is_not_a_plain_lock_or_unlock_is_not_done_quickly);
	suite_add_tcase(suite, tcase);
	return suite;
}
