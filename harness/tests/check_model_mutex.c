/* SPDX-License-Identifier: Apache-2.0 */
/* The mutex model: all types, robustness, deadlines, and every use that is undefined. */
#include <errno.h>
#include <string.h>

#include "model/mutex.h"
#include "model_script.h"

static pthread_mutex_t native, second;
static struct mutex *const m = (struct mutex *)(void *)&native;

static void begin(void)
{
	script_begin();
	native = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
	second = native;
}

START_TEST(a_lock_goes_to_one_thread_and_then_to_the_next)
{
	PLAY(DO(0, LOCK(m)), DO(1, LOCK(m), BLOCKED), DO(2, LOCK(m), BLOCKED),
	     DO(0, UNLOCK(m), READY("12")), GO(2), GO(1, BLOCKED), DO(2, UNLOCK(m), READY("1")),
	     GO(1), DO(1, UNLOCK(m)));
	ck_assert_uint_eq(m->word, MUTEX_FREE);
	ck_assert_uint_eq(m->users, 0);
}
END_TEST

START_TEST(a_newcomer_may_overtake_the_thread_that_was_woken)
{
	PLAY(DO(0, LOCK(m)), DO(1, LOCK(m), BLOCKED), DO(0, UNLOCK(m)), DO(2, LOCK(m)),
	     GO(1, BLOCKED), DO(2, UNLOCK(m), READY("1")), GO(1));
}
END_TEST

START_TEST(an_unlock_wakes_the_waiters_of_its_own_mutex_only)
{
	PLAY(DO(0, LOCK(m)), DO(1, LOCK(&second)), DO(2, LOCK(m), BLOCKED),
	     DO(3, LOCK(&second), BLOCKED), DO(0, UNLOCK(m), READY("2")));
}
END_TEST

START_TEST(trylock_never_waits)
{
	PLAY(DO(0, TRYLOCK(m)), DO(1, TRYLOCK(m), GIVES(EBUSY)), DO(0, TRYLOCK(m), GIVES(EBUSY)),
	     DO(0, UNLOCK(m)), DO(1, TRYLOCK(m)));
}
END_TEST

START_TEST(holds_are_kept_with_place_and_step)
{
	const struct hold *h;

	PLAY(DO(3, LOCK(&second)), DO(3, LOCK(m)));
	ck_assert_uint_eq(script_threads[3].hold_count, 2);
	h = hold_find(&script_threads[3], m);
	ck_assert_ptr_nonnull(h);
	ck_assert_uint_eq(h->step, 1);
	ck_assert_uint_eq(h->family, FAMILY_MUTEX);
	ck_assert_uint_eq(h->mode, HOLD_EXCLUSIVE);
	ck_assert_uint_eq(h->depth, 1);
	ck_assert_ptr_eq(h->site, &script_threads[3]);
	ck_assert_ptr_eq(hold_owner(&script_world, m), &script_threads[3]);
	PLAY(DO(3, UNLOCK(&second)), DO(3, UNLOCK(m)));
	ck_assert_uint_eq(script_threads[3].hold_count, 0);
}
END_TEST

/* What each type says when its owner locks again. */
static const struct {
	const char *name;
	int kind;
	enum model_step step;
	long lock, trylock;
} relocks[] = {
	{ "normal", MUTEX_NORMAL, MODEL_BLOCKED, 0, EBUSY },
	{ "adaptive", MUTEX_ADAPTIVE, MODEL_BLOCKED, 0, EBUSY },
	{ "recursive", MUTEX_RECURSIVE, MODEL_DONE, 0, 0 },
	{ "errorcheck", MUTEX_ERRORCHECK, MODEL_DONE, EDEADLK, EBUSY },
	{ "robust", MUTEX_ROBUST, MODEL_BLOCKED, 0, EBUSY },
	{ "robust errorcheck", MUTEX_ROBUST | MUTEX_ERRORCHECK, MODEL_DONE, EDEADLK, EDEADLK },
	{ "robust recursive", MUTEX_ROBUST | MUTEX_RECURSIVE, MODEL_DONE, 0, 0 },
	{ "inherit errorcheck", MUTEX_INHERIT | MUTEX_ERRORCHECK, MODEL_DONE, EDEADLK, EDEADLK },
	{ "protect errorcheck", MUTEX_PROTECT | MUTEX_ERRORCHECK, MODEL_DONE, EDEADLK, EDEADLK },
	{ "shared", MUTEX_PSHARED, MODEL_BLOCKED, 0, EBUSY },
};

START_TEST(an_owner_that_locks_again_gets_what_the_type_says)
{
	const int kind = relocks[_i].kind;

	PLAY(DO(0, INIT(m, (uint64_t)kind)), DO(0, LOCK(m)),
	     DO(0, TRYLOCK(m), GIVES(relocks[_i].trylock)),
	     DO(0, LOCK(m), .step = relocks[_i].step, GIVES(relocks[_i].lock)));
	if (relocks[_i].step == MODEL_BLOCKED)
		ck_assert_ptr_eq(script_threads[0].wait_object, m);
}
END_TEST

/* What each type says when another thread, or nobody, holds what is unlocked. */
static const struct {
	const char *name;
	int kind;
	long result;
	bool told;
} foreign[] = {
	{ "normal", MUTEX_NORMAL, 0, true },
	{ "adaptive", MUTEX_ADAPTIVE, 0, true },
	{ "shared", MUTEX_PSHARED, 0, true },
	{ "inherit", MUTEX_INHERIT, EPERM, true },
	{ "recursive", MUTEX_RECURSIVE, EPERM, false },
	{ "errorcheck", MUTEX_ERRORCHECK, EPERM, false },
	{ "robust", MUTEX_ROBUST, EPERM, false },
};

START_TEST(unlocking_what_another_holds_is_an_error_or_a_misuse)
{
	PLAY(DO(0, INIT(m, (uint64_t)foreign[_i].kind)), DO(1, LOCK(m)));
	if (foreign[_i].told)
		PLAY(DO(0, UNLOCK(m), GIVES(foreign[_i].result), TELLS(UNLOCK_NOT_OWNER),
			WITH(1, 1)));
	else
		PLAY(DO(0, UNLOCK(m), GIVES(foreign[_i].result)));
	ck_assert_int_eq(m->word, foreign[_i].result == 0 ? MUTEX_FREE : MUTEX_HELD);
	ck_assert_uint_eq(script_threads[1].hold_count, foreign[_i].result == 0 ? 0 : 1);
}
END_TEST

START_TEST(unlocking_what_nobody_holds_is_an_error_or_a_misuse)
{
	PLAY(DO(0, INIT(m, (uint64_t)foreign[_i].kind)), DO(1, LOCK(m)), DO(1, UNLOCK(m)));
	if (foreign[_i].told)
		PLAY(DO(0, UNLOCK(m), GIVES(foreign[_i].result), TELLS(UNLOCK_UNLOCKED),
			WITH(1, 2)));
	else
		PLAY(DO(0, UNLOCK(m), GIVES(foreign[_i].result)));
	PLAY(DO(0, LOCK(m)), DO(0, UNLOCK(m)), DO(0, DESTROY(m)));
}
END_TEST

START_TEST(an_owner_for_whom_another_unlocked_is_not_accused_as_well)
{
	PLAY(DO(0, LOCK(m)), DO(1, UNLOCK(m), TELLS(UNLOCK_NOT_OWNER), WITH(0, 0)),
	     DO(0, UNLOCK(m)), DO(0, UNLOCK(m), TELLS(UNLOCK_UNLOCKED), WITH(1, 1)));
	begin();
	PLAY(DO(0, LOCK(m)), DO(1, UNLOCK(m), TELLS(UNLOCK_NOT_OWNER), WITH(0, 0)), DO(2, LOCK(m)),
	     DO(0, UNLOCK(m)), DO(2, UNLOCK(m)),
	     DO(2, UNLOCK(m), TELLS(UNLOCK_UNLOCKED), WITH(0, 3)));
}
END_TEST

START_TEST(a_recursive_mutex_is_free_after_as_many_unlocks_as_locks)
{
	PLAY(DO(0, INIT(m, MUTEX_RECURSIVE)), DO(0, LOCK(m)), DO(0, LOCK(m)), DO(0, TRYLOCK(m)),
	     DO(1, LOCK(m), BLOCKED), DO(0, UNLOCK(m)), DO(0, UNLOCK(m), READY("")),
	     DO(0, UNLOCK(m), READY("1")), GO(1), DO(0, UNLOCK(m), GIVES(EPERM)));
	ck_assert_uint_eq(script_threads[0].hold_count, 0);
}
END_TEST

START_TEST(a_recursive_mutex_at_its_limit_says_so)
{
	PLAY(DO(0, INIT(m, MUTEX_RECURSIVE)), DO(0, LOCK(m)));
	m->count = UINT32_MAX;
	PLAY(DO(0, LOCK(m), GIVES(EAGAIN)), DO(0, TRYLOCK(m), GIVES(EAGAIN)));
}
END_TEST

START_TEST(a_deadline_that_passes_ends_the_wait)
{
	PLAY(DO(0, LOCK(m)), DO(1, LOCK(m), UNTIL(50), BLOCKED), TIME_PASSES,
	     GO(1, GIVES(ETIMEDOUT), AUX(EVENT_AUX_TIMED_OUT)), DO(0, UNLOCK(m)));
	ck_assert_uint_eq(script_world.now_ns, 50);
}
END_TEST

START_TEST(a_deadline_in_the_past_does_not_wait_and_does_not_refuse_a_free_mutex)
{
	script_world.now_ns = 100;
	PLAY(DO(0, LOCK(m), UNTIL(50)), DO(1, LOCK(m), UNTIL(50), GIVES(ETIMEDOUT)));
}
END_TEST

START_TEST(an_invalid_deadline_matters_only_when_there_is_a_wait)
{
	PLAY(DO(0, LOCK(m), UNTIL(MODEL_DEADLINE_INVALID)),
	     DO(1, LOCK(m), UNTIL(MODEL_DEADLINE_INVALID), GIVES(EINVAL)));
}
END_TEST

START_TEST(who_timed_out_gets_the_mutex_if_it_is_free_by_then)
{
	PLAY(DO(0, LOCK(m)), DO(1, LOCK(m), UNTIL(50), BLOCKED), TIME_PASSES, DO(0, UNLOCK(m)),
	     GO(1));
}
END_TEST

START_TEST(a_woken_waiter_that_was_overtaken_still_has_its_deadline)
{
	PLAY(DO(0, LOCK(m)), DO(1, LOCK(m), UNTIL(50), BLOCKED), DO(0, UNLOCK(m)), DO(2, LOCK(m)),
	     GO(1, BLOCKED), TIME_PASSES, GO(1, GIVES(ETIMEDOUT)));
}
END_TEST

START_TEST(a_wait_lets_a_handler_run_and_a_free_mutex_is_taken_first)
{
	PLAY(DO(0, LOCK(m)), DO(1, LOCK(m), RAISED(OP_INTERRUPTIBLE), BLOCKED));
	world_wake(&script_world, &script_threads[1]);
	PLAY(GO(1, RAISED(OP_INTERRUPTED), GIVES(EINTR)));
	script_threads[1].signals_pending = 1;
	PLAY(DO(1, LOCK(m), RAISED(OP_INTERRUPTIBLE), GIVES(EINTR)), DO(1, LOCK(m), BLOCKED),
	     DO(0, UNLOCK(m)), GO(1), DO(1, UNLOCK(m)), DO(1, LOCK(m), RAISED(OP_INTERRUPTIBLE)));
}
END_TEST

START_TEST(a_dead_owner_is_told_to_exactly_one_successor)
{
	PLAY(DO(0, INIT(m, MUTEX_ROBUST)), DO(0, LOCK(m)), DO(1, LOCK(m), BLOCKED),
	     DO(2, LOCK(m), BLOCKED), ENDS(0), GO(1, GIVES(EOWNERDEAD)), GO(2, BLOCKED),
	     DO(1, CONSISTENT(m)), DO(1, UNLOCK(m), READY("2")), GO(2), DO(2, UNLOCK(m)));
}
END_TEST

START_TEST(what_is_not_made_consistent_is_lost_for_all)
{
	PLAY(DO(0, INIT(m, MUTEX_ROBUST)), DO(0, LOCK(m)), ENDS(0),
	     DO(1, TRYLOCK(m), GIVES(EOWNERDEAD)), DO(2, LOCK(m), BLOCKED), DO(1, UNLOCK(m)),
	     GO(2, GIVES(ENOTRECOVERABLE)), DO(1, LOCK(m), GIVES(ENOTRECOVERABLE)),
	     DO(1, TRYLOCK(m), GIVES(ENOTRECOVERABLE)), DO(1, CONSISTENT(m), GIVES(EINVAL)),
	     DO(1, DESTROY(m)), DO(1, INIT(m, MUTEX_ROBUST)), DO(1, LOCK(m)));
}
END_TEST

START_TEST(a_second_death_is_told_again)
{
	PLAY(DO(0, INIT(m, MUTEX_ROBUST | MUTEX_RECURSIVE)), DO(0, LOCK(m)), DO(0, LOCK(m)),
	     ENDS(0), DO(1, LOCK(m), GIVES(EOWNERDEAD)), ENDS(1), DO(2, LOCK(m), GIVES(EOWNERDEAD)),
	     DO(2, CONSISTENT(m)), DO(2, UNLOCK(m)));
	ck_assert_uint_eq(m->users, 0);
}
END_TEST

START_TEST(only_an_inconsistent_robust_mutex_can_be_made_consistent)
{
	PLAY(DO(0, CONSISTENT(m), GIVES(EINVAL)), DO(0, INIT(m, MUTEX_ROBUST)), DO(0, LOCK(m)),
	     DO(0, CONSISTENT(m), GIVES(EINVAL)));
}
END_TEST

START_TEST(the_end_of_a_thread_leaves_other_mutexes_locked)
{
	PLAY(DO(0, LOCK(m)), ENDS(0), DO(1, LOCK(m), BLOCKED));
	ck_assert_ptr_eq(hold_owner(&script_world, m), &script_threads[0]);
}
END_TEST

START_TEST(a_mutex_that_is_held_is_not_to_be_destroyed)
{
	PLAY(DO(0, LOCK(m)), DO(1, DESTROY(m), GIVES(EBUSY), TELLS(DESTROY_HELD), WITH(0, 0)),
	     DO(0, UNLOCK(m)), DO(1, DESTROY(m)));
}
END_TEST

START_TEST(a_mutex_that_a_condition_wait_needs_is_not_to_be_destroyed)
{
	pthread_cond_t c = PTHREAD_COND_INITIALIZER;

	PLAY(DO(0, LOCK(m)), DO(0, WAIT(&c, m), AGAIN),
	     DO(1, DESTROY(m), GIVES(EBUSY), TELLS(DESTROY_WAITED), WITH(0, 2)));
}
END_TEST

START_TEST(a_wait_with_another_mutex_does_not_count)
{
	pthread_cond_t c = PTHREAD_COND_INITIALIZER, other = PTHREAD_COND_INITIALIZER;

	PLAY(DO(0, LOCK(&second)), DO(0, WAIT(&other, &second), AGAIN), DO(2, LOCK(m)),
	     DO(2, WAIT(&c, m), AGAIN),
	     DO(1, DESTROY(m), GIVES(EBUSY), TELLS(DESTROY_WAITED), WITH(2, 4)));
}
END_TEST

START_TEST(a_waiter_on_a_condition_finds_that_the_mutex_was_destroyed_meanwhile)
{
	pthread_cond_t c = PTHREAD_COND_INITIALIZER;

	/* Only a robust one goes although it is referenced. */
	PLAY(DO(0, INIT(m, MUTEX_ROBUST)), DO(0, LOCK(m)), DO(0, WAIT(&c, m), AGAIN),
	     DO(1, DESTROY(m), TELLS(DESTROY_WAITED), WITH(0, 3)), DO(1, SIGNAL(&c)),
	     GO(0, GIVES(EINVAL), TELLS(USE_DESTROYED), WITH(1, 3)));
}
END_TEST

START_TEST(every_use_of_a_destroyed_mutex_names_who_destroyed_it)
{
	PLAY(DO(0, DESTROY(m)), DO(1, LOCK(m), GIVES(EINVAL), TELLS(USE_DESTROYED), WITH(0, 0)),
	     DO(1, TRYLOCK(m), GIVES(EINVAL), TELLS(USE_DESTROYED), WITH(0, 0)),
	     DO(1, UNLOCK(m), GIVES(EINVAL), TELLS(USE_DESTROYED), WITH(0, 0)),
	     DO(1, DESTROY(m), TELLS(DOUBLE_DESTROY), WITH(0, 0)), DO(1, INIT(m, 0)),
	     DO(1, LOCK(m)));
}
END_TEST

START_TEST(a_waiter_finds_that_the_mutex_was_destroyed_meanwhile)
{
	PLAY(DO(0, LOCK(m)), DO(1, LOCK(m), BLOCKED), DO(0, UNLOCK(m)), DO(0, DESTROY(m)),
	     GO(1, GIVES(EINVAL), TELLS(USE_DESTROYED), WITH(0, 2)));
}
END_TEST

START_TEST(bytes_that_are_no_mutex_are_told)
{
	memset(m, 0xa5, sizeof(*m));
	PLAY(DO(0, LOCK(m), GIVES(EINVAL), TELLS(UNINITIALISED)),
	     DO(0, UNLOCK(m), GIVES(EINVAL), TELLS(UNINITIALISED)), DO(0, INIT(m, 0)),
	     DO(0, LOCK(m)));
	memset(m, 0, sizeof(*m));
	m->word = MUTEX_HELD; /* by nobody */
	PLAY(DO(1, LOCK(m), GIVES(EINVAL), TELLS(UNINITIALISED)));
}
END_TEST

START_TEST(a_child_may_initialise_what_it_holds_by_the_fork)
{
	PLAY(DO(0, LOCK(m)));
	script_threads[0].holds[0].copied = 1; /* as model_fork_holds() leaves it */
	PLAY(DO(0, INIT(m, 0)), DO(0, LOCK(m)), DO(0, UNLOCK(m)));
	ck_assert_uint_eq(script_threads[0].hold_count, 0);
}
END_TEST

START_TEST(a_copy_is_not_in_use_by_the_process_that_it_was_copied_from)
{
	PLAY(DO(0, LOCK(m)));
	script_threads[1].process = 1;
	PLAY(DO(1, INIT(m, 0)));
	ck_assert_uint_eq(script_threads[0].hold_count, 1);
}
END_TEST

START_TEST(initialising_a_held_mutex_is_told_and_frees_it)
{
	PLAY(DO(0, LOCK(m)), DO(1, INIT(m, 0), TELLS(REINITIALISED), WITH(0, 0)), DO(1, LOCK(m)));
	ck_assert_uint_eq(script_threads[0].hold_count, 0);
}
END_TEST

START_TEST(initialising_over_old_bytes_is_not_told)
{
	m->word = MUTEX_HELD; /* as if left by somebody else's use of the memory */
	m->owner = 3;
	PLAY(DO(0, INIT(m, 0)), DO(0, LOCK(m)));
}
END_TEST

START_TEST(glibcs_static_initialisers_are_mutexes_of_their_type)
{
	pthread_mutex_t recursive = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
	pthread_mutex_t errorcheck = PTHREAD_ERRORCHECK_MUTEX_INITIALIZER_NP;
	pthread_mutex_t adaptive = PTHREAD_ADAPTIVE_MUTEX_INITIALIZER_NP;

	PLAY(DO(0, LOCK(&recursive)), DO(0, LOCK(&recursive)), DO(0, LOCK(&errorcheck)),
	     DO(0, LOCK(&errorcheck), GIVES(EDEADLK)), DO(0, LOCK(&adaptive)),
	     DO(1, LOCK(&adaptive), BLOCKED));
}
END_TEST

START_TEST(more_holds_than_are_kept_are_counted_and_locks_still_work)
{
	static pthread_mutex_t many[HOLDS_MAX + 4];

	for (int i = 0; i < HOLDS_MAX + 4; i++)
		PLAY(DO(0, LOCK(&many[i])));
	ck_assert_uint_eq(script_threads[0].holds_lost, 4);
	PLAY(DO(1, LOCK(&many[HOLDS_MAX + 3]), BLOCKED),
	     DO(0, UNLOCK(&many[HOLDS_MAX + 3]), READY("1")));
}
END_TEST

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

Suite *check_suite(void)
{
	Suite *suite = suite_create("model_mutex");
	TCase *tcase = tcase_create("mutex");

	tcase_add_checked_fixture(tcase, begin, NULL);
	tcase_add_test(tcase, a_lock_goes_to_one_thread_and_then_to_the_next);
	tcase_add_test(tcase, a_newcomer_may_overtake_the_thread_that_was_woken);
	tcase_add_test(tcase, an_unlock_wakes_the_waiters_of_its_own_mutex_only);
	tcase_add_test(tcase, trylock_never_waits);
	tcase_add_test(tcase, holds_are_kept_with_place_and_step);
	tcase_add_loop_test(tcase, an_owner_that_locks_again_gets_what_the_type_says, 0,
			    COUNT(relocks));
	tcase_add_loop_test(tcase, unlocking_what_another_holds_is_an_error_or_a_misuse, 0,
			    COUNT(foreign));
	tcase_add_loop_test(tcase, unlocking_what_nobody_holds_is_an_error_or_a_misuse, 0,
			    COUNT(foreign));
	tcase_add_test(tcase, an_owner_for_whom_another_unlocked_is_not_accused_as_well);
	tcase_add_test(tcase, a_recursive_mutex_is_free_after_as_many_unlocks_as_locks);
	tcase_add_test(tcase, a_recursive_mutex_at_its_limit_says_so);
	tcase_add_test(tcase, a_deadline_that_passes_ends_the_wait);
	tcase_add_test(tcase,
		       a_deadline_in_the_past_does_not_wait_and_does_not_refuse_a_free_mutex);
	tcase_add_test(tcase, an_invalid_deadline_matters_only_when_there_is_a_wait);
	tcase_add_test(tcase, who_timed_out_gets_the_mutex_if_it_is_free_by_then);
	tcase_add_test(tcase, a_woken_waiter_that_was_overtaken_still_has_its_deadline);
	tcase_add_test(tcase, a_wait_lets_a_handler_run_and_a_free_mutex_is_taken_first);
	tcase_add_test(tcase, a_dead_owner_is_told_to_exactly_one_successor);
	tcase_add_test(tcase, what_is_not_made_consistent_is_lost_for_all);
	tcase_add_test(tcase, a_second_death_is_told_again);
	tcase_add_test(tcase, only_an_inconsistent_robust_mutex_can_be_made_consistent);
	tcase_add_test(tcase, the_end_of_a_thread_leaves_other_mutexes_locked);
	tcase_add_test(tcase, a_mutex_that_is_held_is_not_to_be_destroyed);
	tcase_add_test(tcase, a_mutex_that_a_condition_wait_needs_is_not_to_be_destroyed);
	tcase_add_test(tcase, every_use_of_a_destroyed_mutex_names_who_destroyed_it);
	tcase_add_test(tcase, a_waiter_finds_that_the_mutex_was_destroyed_meanwhile);
	tcase_add_test(tcase, bytes_that_are_no_mutex_are_told);
	tcase_add_test(tcase, a_child_may_initialise_what_it_holds_by_the_fork);
	tcase_add_test(tcase, a_copy_is_not_in_use_by_the_process_that_it_was_copied_from);
	tcase_add_test(tcase, initialising_a_held_mutex_is_told_and_frees_it);
	tcase_add_test(tcase, initialising_over_old_bytes_is_not_told);
	tcase_add_test(tcase, glibcs_static_initialisers_are_mutexes_of_their_type);
	tcase_add_test(tcase, more_holds_than_are_kept_are_counted_and_locks_still_work);
	tcase_add_test(tcase, a_wait_with_another_mutex_does_not_count);
	tcase_add_test(tcase, a_waiter_on_a_condition_finds_that_the_mutex_was_destroyed_meanwhile);
	suite_add_tcase(suite, tcase);
	return suite;
}
