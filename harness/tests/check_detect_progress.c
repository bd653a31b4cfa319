/* SPDX-License-Identifier: Apache-2.0 */
/* What kept a schedule going until its bound on steps, from scripted loops. */
#include "check_main.h"

#include <string.h>

#include "detect/progress.h"

#define THREADS 4
#define BUSY    16

static struct thread threads[THREADS];
static const struct thread *by_number[THREADS];
static struct event_log event_log;
static char objects[200000];
static char code[4096];
static struct finding found;

static void begin(void)
{
	memset(threads, 0, sizeof(threads));
	for (unsigned i = 0; i < THREADS; i++) {
		threads[i].id = (thread_id)i;
		threads[i].status = THREAD_READY;
		by_number[i] = &threads[i];
	}
	event_log_reset(&event_log);
}

static void event(unsigned who, enum op_kind kind, unsigned object, int result)
{
	const uint32_t step = (uint32_t)event_log.count;

	*event_log_append(&event_log) = (struct event){
		.step = step,
		.thread = (thread_id)who,
		.kind = (uint16_t)kind,
		.object = (uint64_t)(uintptr_t)&objects[object],
		.site = (uint64_t)(uintptr_t)&code[100 * who + kind],
		.result = result,
	};
}

static void blocked(unsigned who, enum op_kind kind, unsigned object)
{
	threads[who].status = THREAD_BLOCKED;
	threads[who].op.kind = (uint16_t)kind;
	threads[who].op.object = &objects[object];
	threads[who].op.site = &code[900 + who];
}

static void two_yield(void)
{
	for (int i = 0; i < 5000; i++)
		event(1, OP_YIELD, 0, 0), event(2, OP_YIELD, 0, 0);
}

static void one_yields_and_one_ended(void)
{
	event(2, OP_THREAD_EXIT, 0, 0);
	threads[2].status = THREAD_FINISHED;
	for (int i = 0; i < 5000; i++)
		event(1, OP_YIELD, 0, 0);
}

static void polite_trylocks(void)
{
	for (int i = 0; i < 5000; i++) {
		event(1, OP_MUTEX_LOCK, 1, 0), event(2, OP_MUTEX_LOCK, 2, 0);
		event(1, OP_MUTEX_TRYLOCK, 2, BUSY), event(2, OP_MUTEX_TRYLOCK, 1, BUSY);
		event(1, OP_MUTEX_UNLOCK, 1, 0), event(2, OP_MUTEX_UNLOCK, 2, 0);
	}
}

static void timeouts_again_and_again(void)
{
	for (int i = 0; i < 5000; i++)
		event(1, OP_COND_WAIT, 1, 110);
}

static void lockstep_with_barriers(void)
{
	for (int i = 0; i < 5000; i++) {
		event(1, OP_MUTEX_LOCK, 1, 0), event(1, OP_MUTEX_UNLOCK, 1, 0);
		event(1, OP_BARRIER_WAIT, 3, 0), event(2, OP_BARRIER_WAIT, 3, -1);
		event(2, OP_SEM_POST, 4, 0), event(1, OP_SEM_WAIT, 4, 0);
	}
}

static void another_is_the_last_at_the_barrier(void)
{
	lockstep_with_barriers();
	for (int i = 0; i < 100; i++)
		event(2, OP_BARRIER_WAIT, 3, 0), event(1, OP_BARRIER_WAIT, 3, -1);
}

static void new_objects_all_the_time(void)
{
	for (unsigned i = 0; i < 5000; i++)
		event(1, OP_MUTEX_LOCK, i, 0), event(1, OP_MUTEX_UNLOCK, i, 0);
}

static void a_new_thing_near_the_end(void)
{
	lockstep_with_barriers();
	event(1, OP_BARRIER_WAIT, 9, 0);
	for (int i = 0; i < 100; i++)
		event(1, OP_BARRIER_WAIT, 3, 0), event(2, OP_BARRIER_WAIT, 3, -1);
}

static void one_never_gets_what_another_takes(void)
{
	for (int i = 0; i < 5000; i++) {
		event(1, OP_MUTEX_LOCK, 1, 0), event(1, OP_SEM_POST, 2, 0);
		event(2, OP_MUTEX_TRYLOCK, 1, BUSY);
		event(1, OP_MUTEX_UNLOCK, 1, 0);
	}
}

static void one_gets_it_once_in_a_while(void)
{
	for (int i = 0; i < 5000; i++) {
		event(1, OP_MUTEX_LOCK, 1, 0), event(1, OP_SEM_POST, 2, 0);
		event(2, OP_MUTEX_TRYLOCK, 1, BUSY);
		event(1, OP_MUTEX_UNLOCK, 1, 0);
		if (i % 1000 == 999)
			event(2, OP_MUTEX_TRYLOCK, 1, 0), event(2, OP_MUTEX_UNLOCK, 1, 0);
	}
}

static void a_writer_waits_for_readers_that_never_leave_a_gap(void)
{
	blocked(3, OP_RWLOCK_WRLOCK, 1);
	for (int i = 0; i < 5000; i++) {
		event(1, OP_RWLOCK_RDLOCK, 1, 0), event(2, OP_RWLOCK_UNLOCK, 1, 0);
		event(2, OP_RWLOCK_RDLOCK, 1, 0), event(1, OP_RWLOCK_UNLOCK, 1, 0);
	}
}

static void a_writer_waits_for_another_lock_than_the_readers_take(void)
{
	blocked(3, OP_RWLOCK_WRLOCK, 2);
	for (int i = 0; i < 5000; i++) {
		event(1, OP_RWLOCK_RDLOCK, 1, 0), event(2, OP_RWLOCK_UNLOCK, 1, 0);
		event(2, OP_RWLOCK_RDLOCK, 1, 0), event(1, OP_RWLOCK_UNLOCK, 1, 0);
	}
}

static const struct {
	const char *name;
	void (*run)(void);
	enum finding_kind kind;
	enum finding_cause cause;
	uint32_t sites;
} runs[] = {
#define RUN(run, kind, cause, sites)                            \
	{                                                       \
#run, run, FINDING_##kind, CAUSE_##cause, sites \
	}
	RUN(two_yield, LIVELOCK, NO_PROGRESS, 2),
	RUN(one_yields_and_one_ended, LIVELOCK, NO_PROGRESS, 1),
	RUN(polite_trylocks, LIVELOCK, NO_PROGRESS, 2),
	RUN(timeouts_again_and_again, LIVELOCK, NO_PROGRESS, 1),
	RUN(lockstep_with_barriers, LIVELOCK, STEP_BOUND, 4),
	RUN(another_is_the_last_at_the_barrier, LIVELOCK, STEP_BOUND, 4),
	RUN(new_objects_all_the_time, HANG, STEP_BOUND, 2),
	RUN(a_new_thing_near_the_end, HANG, STEP_BOUND, 4),
	RUN(one_never_gets_what_another_takes, STARVATION, NO_PROGRESS, 2),
	RUN(one_gets_it_once_in_a_while, LIVELOCK, STEP_BOUND, 2),
	RUN(a_writer_waits_for_readers_that_never_leave_a_gap, STARVATION, NO_PROGRESS, 3),
	RUN(a_writer_waits_for_another_lock_than_the_readers_take, LIVELOCK, STEP_BOUND, 4),
};

START_TEST(the_tail_of_the_log_says_what_kept_it_going)
{
	begin();
	runs[_i].run();
	progress_classify(by_number, THREADS, &event_log, NULL, &found);
	ck_assert_str_eq(finding_kind_name(found.kind), finding_kind_name(runs[_i].kind));
	ck_assert_str_eq(finding_cause_name(found.cause), finding_cause_name(runs[_i].cause));
	ck_assert_uint_eq(found.site_count, runs[_i].sites);
	ck_assert_uint_ne(found.key, 0);
	ck_assert_uint_eq(found.step, event_log.count);
}
END_TEST

START_TEST(a_loop_has_the_same_key_wherever_the_bound_cut_it)
{
	uint64_t key;

	begin();
	runs[_i].run();
	progress_classify(by_number, THREADS, &event_log, NULL, &found);
	key = found.key;
	event_log.count -= 7;
	progress_classify(by_number, THREADS, &event_log, NULL, &found);
	ck_assert(found.key == key);
}
END_TEST

START_TEST(only_the_window_of_a_long_log_is_read)
{
	begin();
	for (unsigned i = 0; i < 150000; i++)
		event(1, OP_SEM_POST, i, 0);
	for (unsigned i = 0; i < 80000; i++)
		event(1, OP_YIELD, 0, 0);
	progress_classify(by_number, THREADS, &event_log, NULL, &found);
	ck_assert_uint_eq(found.kind, FINDING_LIVELOCK);
	ck_assert_uint_eq(found.cause, CAUSE_NO_PROGRESS);
}
END_TEST

Suite *check_suite(void)
{
	const int count = (int)(sizeof(runs) / sizeof(runs[0]));
	Suite *suite = suite_create("detect_progress");
	TCase *tcase = tcase_create("progress");

	tcase_add_loop_test(tcase, the_tail_of_the_log_says_what_kept_it_going, 0, count);
	tcase_add_loop_test(tcase, a_loop_has_the_same_key_wherever_the_bound_cut_it, 0, count);
	tcase_add_test(tcase, only_the_window_of_a_long_log_is_read);
	suite_add_tcase(suite, tcase);
	return suite;
}
