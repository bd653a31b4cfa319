/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Causes of deadlocks, from scripted ends of schedules. Each scene stands next to one that differs
 * in the one thing that decides, and must be named otherwise. Then the whole table again with
 * threads renumbered, renamed and objects moved: neither cause nor key may change.
 */
#include "check_main.h"

#include <stdio.h>
#include <string.h>

#include "detect/deadlock.h"

#define THREADS 6 /* main and up to five others */

static struct thread threads[THREADS];
static const struct thread *by_number[THREADS];
static struct event_log event_log;
static char
	objects[2][32]; /* two layouts of the program's objects, equal in nothing but their order */
static char code[4096];
static unsigned layout;
static unsigned
	number_of[THREADS]; /* the thread that a scene calls n has this number; main stays 0 */
static uint32_t step;

enum { MAIN, A, B, C, D, E };
enum { M1, M2, M3, COND, OTHER_COND, SEM, BARRIER, RW, FD };

static struct thread *thread(unsigned name)
{
	return &threads[number_of[name]];
}

static void *object(unsigned name)
{
	return name == FD ? (void *)(uintptr_t)7 : (void *)&objects[layout][name];
}

/* One place in the code per line of a scene's making: named by thread and what is done, never by
 * number. */
static void *place(unsigned n)
{
	return &code[n];
}

static void begin(void)
{
	memset(threads, 0, sizeof(threads));
	event_log_reset(&event_log);
	step = 0;
	for (unsigned i = 0; i < THREADS; i++) {
		struct thread *t = &threads[number_of[i]];

		by_number[i] = &threads[i];
		t->id = (thread_id)number_of[i];
		t->joiner = THREAD_NONE;
		t->handle = 0x1000 + number_of[i];
		t->status = i == MAIN ? THREAD_READY : THREAD_UNUSED;
	}
}

static void event(unsigned who, enum op_kind kind, unsigned what, uint32_t aux)
{
	*event_log_append(&event_log) = (struct event){
		.step = step++,
		.thread = thread(who)->id,
		.kind = (uint16_t)kind,
		.object = (uint64_t)(uintptr_t)object(what),
		.site = (uint64_t)(uintptr_t)place(kind + 100),
		.aux = aux,
	};
}

static void start(unsigned who)
{
	thread(who)->status = THREAD_READY;
	thread(who)->create_site = place(1);
	event(who, OP_THREAD_START, M1, 0);
}

static void takes_in_mode(unsigned who, enum op_kind kind, unsigned what, enum op_family family,
			  enum hold_mode mode)
{
	struct thread *t = thread(who);

	t->holds[t->hold_count++] = (struct hold){
		.object = object(what),
		.site = place(200 + kind),
		.step = step,
		.family = (uint8_t)family,
		.mode = (uint8_t)mode,
		.depth = 1,
	};
	event(who, kind, what, 0);
}

static void takes(unsigned who, unsigned what)
{
	takes_in_mode(who, OP_MUTEX_LOCK, what, FAMILY_MUTEX, HOLD_EXCLUSIVE);
}

static void reads(unsigned who, unsigned what)
{
	takes_in_mode(who, OP_RWLOCK_RDLOCK, what, FAMILY_RWLOCK, HOLD_SHARED);
}

static void gives_back(unsigned who, unsigned what)
{
	struct thread *t = thread(who);

	for (uint32_t i = 0; i < t->hold_count; i++)
		if (t->holds[i].object == object(what))
			t->holds[i] = t->holds[--t->hold_count];
	event(who, OP_MUTEX_UNLOCK, what, 0);
}

static void wants(unsigned who, enum op_kind kind, unsigned what)
{
	struct thread *t = thread(who);

	t->status = THREAD_BLOCKED;
	t->op.kind = (uint16_t)kind;
	t->op.object = object(what);
	t->op.site = place(300 + kind);
	t->wait_object = object(what);
}

static void joins(unsigned who, unsigned whom)
{
	wants(who, OP_THREAD_JOIN, M1);
	thread(who)->op.object = thread(whom);
	thread(who)->wait_object = thread(whom);
	thread(whom)->joiner = thread(who)->id;
}

/* The mutex of @cond_name is given up and the wait logged as a stage. */
static void waits(unsigned who, unsigned cond, unsigned mutex)
{
	gives_back(who, mutex);
	event(who, OP_COND_WAIT, cond, 0);
	wants(who, OP_COND_WAIT, cond);
	thread(who)->op.object2 = object(mutex);
}

/* It was woken and now stands before the mutex. */
static void wants_back(unsigned who, unsigned cond, unsigned mutex)
{
	wants(who, OP_COND_WAIT, cond);
	thread(who)->op.object2 = object(mutex);
	thread(who)->wait_object = object(mutex);
}

static void signals(unsigned who, enum op_kind kind, unsigned cond, uint32_t waiters,
		    uint32_t woken)
{
	event(who, kind, cond, waiters << 16 | woken);
}

static void ends(unsigned who)
{
	event(who, OP_THREAD_EXIT, M1, 0);
	thread(who)->status = THREAD_FINISHED;
}

/* The scenes. Main joins A in most of them, as real programs do. */

static void two_locks_in_opposite_order(void)
{
	start(A), start(B);
	takes(A, M1), takes(B, M2);
	wants(A, OP_MUTEX_LOCK, M2), wants(B, OP_MUTEX_LOCK, M1);
	joins(MAIN, A);
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

static void a_live_owner_that_joins_somebody_else(void)
{
	start(A), start(B), start(C);
	takes(A, M1), joins(A, C);
	wants(C, OP_BARRIER_WAIT, BARRIER);
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

static const struct {
	const char *name;
	void (*scene)(void);
	enum finding_cause cause;
	enum site_role first, second; /* of the sites; second only if there are two */
} scenes[] = {
#define SCENE(name, cause, first, second)                               \
	{                                                               \
#name, name, CAUSE_##cause, SITE_##first, SITE_##second \
	}
	SCENE(two_locks_in_opposite_order, LOCK_CYCLE, WAITS, HOLDS),
	SCENE(a_chain_of_locks_to_a_live_waiter, FORGOTTEN_UNLOCK, HOLDS, WAITS),
	SCENE(three_locks_in_a_ring, LOCK_CYCLE, WAITS, HOLDS),
	SCENE(a_woken_waiter_in_a_lock_cycle, LOCK_CYCLE, WAITS, HOLDS),
	SCENE(a_relock, SELF, WAITS, HOLDS),
	SCENE(a_lock_of_one_that_ended, OWNER_EXITED, HOLDS, ENDED),
	SCENE(two_upgrades, UPGRADE, WAITS, HOLDS),
	SCENE(one_upgrade, UPGRADE, WAITS, HOLDS),
	SCENE(a_reader_behind_the_writer_that_waits_for_it, LOCK_CYCLE, WAITS, HOLDS),
	SCENE(a_writer_behind_a_reader_that_waits_for_an_event, FORGOTTEN_UNLOCK, HOLDS, WAITS),
	SCENE(readers_and_a_mutex_in_a_cycle, LOCK_CYCLE, WAITS, HOLDS),
	SCENE(two_that_join_each_other, JOIN_CYCLE, WAITS, WAITS),
	SCENE(a_join_with_the_lock_that_the_joined_wants, JOIN_CYCLE, WAITS, HOLDS),
	SCENE(a_join_with_a_lock_that_nobody_wants, SEMAPHORE, WAITS, CREATED),
	SCENE(a_signal_before_the_wait, LOST_WAKEUP, WAITS, SIGNALLED),
	SCENE(a_broadcast_before_the_wait, LOST_WAKEUP, WAITS, SIGNALLED),
	SCENE(no_signal_at_all, NO_SIGNAL, WAITS, CREATED),
	SCENE(a_signal_to_another_condition, NO_SIGNAL, WAITS, CREATED),
	SCENE(every_signal_was_heard, NO_SIGNAL, WAITS, CREATED),
	SCENE(one_signal_for_three_waiters, MISSED_BROADCAST, WAITS, WAITS),
	SCENE(one_signal_for_one_waiter_and_one_came_later, NO_SIGNAL, WAITS, CREATED),
	SCENE(a_signal_that_missed_somebody_else_before_this_wait, NO_SIGNAL, WAITS, CREATED),
	SCENE(a_live_owner_that_waits_for_an_event, FORGOTTEN_UNLOCK, HOLDS, WAITS),
	SCENE(a_waiter_whose_lock_nobody_wants, SEMAPHORE, WAITS, WAITS),
	SCENE(a_wait_within_an_outer_lock, FORGOTTEN_UNLOCK, HOLDS, WAITS),
	SCENE(a_lost_signal_during_an_outer_lock, LOST_WAKEUP, WAITS, SIGNALLED),
	SCENE(a_live_owner_that_joins_somebody_else, FORGOTTEN_UNLOCK, HOLDS, WAITS),
	SCENE(a_semaphore_is_short, SEMAPHORE, WAITS, CREATED),
	SCENE(a_barrier_is_short, BARRIER, WAITS, WAITS),
	SCENE(a_semaphore_behind_which_main_stands, SEMAPHORE, WAITS, CREATED),
	SCENE(a_barrier_behind_which_main_stands, BARRIER, WAITS, WAITS),
	SCENE(an_empty_pipe, PIPE, WAITS, CREATED),
	SCENE(a_full_pipe, PIPE, WAITS, WAITS),
	SCENE(a_child_that_does_not_end, CHILD_WAIT, WAITS, WAITS),
	SCENE(a_futex_that_nobody_wakes, FUTEX, WAITS, CREATED),
	SCENE(a_signal_handler_that_never_runs, WAIT_SIGNAL, WAITS, WAITS),
	SCENE(a_once_that_waits_for_itself, SELF, WAITS, HOLDS),
	SCENE(a_once_whose_initialiser_wants_a_lock_of_the_second_caller, LOCK_CYCLE, WAITS, HOLDS),
	SCENE(a_lock_without_an_owner, NONE, WAITS, WAITS),
	SCENE(an_owner_that_ended_while_another_waits_for_a_signal, OWNER_EXITED, HOLDS, ENDED),
};

#define SCENE_COUNT ((int)(sizeof(scenes) / sizeof(scenes[0])))

static void number_plainly(void)
{
	for (unsigned i = 0; i < THREADS; i++)
		number_of[i] = i;
}

static bool classify(int scene, struct finding *out)
{
	begin();
	scenes[scene].scene();
	return deadlock_classify(by_number, THREADS, &event_log, NULL, out);
}

START_TEST(the_cause_is_decided_from_what_happened)
{
	struct finding found;

	number_plainly();
	ck_assert(classify(_i, &found));
	ck_assert_str_eq(finding_cause_name(found.cause), finding_cause_name(scenes[_i].cause));
	ck_assert_uint_eq(found.kind, FINDING_DEADLOCK);
	ck_assert_uint_eq(found.severity, SEVERITY_ERROR);
	ck_assert_uint_eq(found.step, step);
	ck_assert_uint_ge(found.site_count, 1);
	ck_assert_uint_eq(found.sites[0].role, scenes[_i].first);
	if (found.site_count > 1)
		ck_assert_uint_eq(found.sites[1].role, scenes[_i].second);
}
END_TEST

/* The next permutation of the numbers 1..THREADS-1; main stays. */
static bool next_numbering(void)
{
	unsigned i = THREADS - 1, j = THREADS - 1, t;

	while (i > 1 && number_of[i - 1] >= number_of[i])
		i--;
	if (i <= 1)
		return false;
	while (number_of[j] <= number_of[i - 1])
		j--;
	t = number_of[i - 1], number_of[i - 1] = number_of[j], number_of[j] = t;
	for (j = THREADS - 1; i < j; i++, j--)
		t = number_of[i], number_of[i] = number_of[j], number_of[j] = t;
	return true;
}

START_TEST(neither_cause_nor_key_depend_on_numbers_names_or_addresses)
{
	static struct finding plain, other;
	unsigned tried = 0;

	number_plainly();
	layout = 0;
	classify(_i, &plain);
	do {
		layout = ++tried & 1;
		begin();
		scenes[_i].scene();
		for (unsigned i = 0; i < THREADS; i++)
			snprintf(threads[i].name, sizeof(threads[i].name), "t%u", tried + i);
		deadlock_classify(by_number, THREADS, &event_log, NULL, &other);
		ck_assert_str_eq(finding_cause_name(other.cause), finding_cause_name(plain.cause));
		ck_assert_msg(other.key == plain.key, "the key depends on the numbering");
	} while (next_numbering());
	ck_assert_uint_eq(tried, 120);
}
END_TEST

START_TEST(a_cycle_is_told_from_its_lowest_number_on_each_waiting_for_the_next)
{
	struct finding found;

	number_plainly();
	ck_assert(classify(2, &found));
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

	number_plainly();
	ck_assert(classify(0, &first));
	begin();
	two_locks_in_opposite_order();
	thread(A)->holds[0].site = place(999);
	ck_assert(deadlock_classify(by_number, THREADS, &event_log, NULL, &second));
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

	number_plainly();
	begin();
	two_locks_in_opposite_order();
	ck_assert(deadlock_classify(by_number, THREADS, &event_log, same_place, &first));
	thread(A)->holds[0].site = place(999);
	ck_assert(deadlock_classify(by_number, THREADS, &event_log, same_place, &second));
	ck_assert(first.key == second.key);
}
END_TEST

START_TEST(nobody_blocked_is_no_deadlock)
{
	struct finding found;

	number_plainly();
	begin();
	start(A), ends(A);
	ck_assert(!deadlock_classify(by_number, THREADS, &event_log, NULL, &found));
}
END_TEST

START_TEST(the_lost_signal_is_named_with_its_place_and_step)
{
	struct finding found;

	number_plainly();
	begin();
	a_signal_before_the_wait();
	ck_assert(deadlock_classify(by_number, THREADS, &event_log, NULL, &found));
	ck_assert_uint_eq(found.sites[1].role, SITE_SIGNALLED);
	ck_assert_uint_eq(found.sites[1].thread, B);
	ck_assert_uint_eq(found.sites[1].step, 2);
	ck_assert_uint_eq(found.sites[1].op_kind, OP_COND_SIGNAL);
}
END_TEST

/* A thousand threads: a ring of all, then a crowd that stands before one of them. */
START_TEST(a_cycle_may_pass_through_a_thousand_threads)
{
	static struct thread many[THREADS_MAX];
	static const struct thread *by_id[THREADS_MAX];
	static char locks[THREADS_MAX];
	struct finding found;

	event_log_reset(&event_log);
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
	tcase_add_test(tcase, the_lost_signal_is_named_with_its_place_and_step);
	tcase_add_test(tcase, a_cycle_may_pass_through_a_thousand_threads);
	suite_add_tcase(suite, tcase);
	return suite;
}
