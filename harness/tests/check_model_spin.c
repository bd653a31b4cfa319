/* SPDX-License-Identifier: Apache-2.0 */
/* The spinlock model: waiting in place of spinning, and every use that is undefined. */
#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "model_script.h"

static pthread_spinlock_t spin;
/* The header's functions take a volatile type; the model takes bytes. */
static void *const sp = (void *)(uintptr_t)&spin;

static void begin(void)
{
	script_begin();
	memset(sp, 0, sizeof(spin));
}

#define SPIN_LOCK(l)   OP(SPIN_LOCK, l)
#define SPIN_UNLOCK(l) OP(SPIN_UNLOCK, l)

START_TEST(who_would_spin_waits_and_is_woken)
{
	PLAY(DO(0, OP(SPIN_INIT, sp)), DO(0, SPIN_LOCK(sp)), DO(1, SPIN_LOCK(sp), BLOCKED),
	     DO(2, OP(SPIN_TRYLOCK, sp), GIVES(EBUSY)), DO(0, SPIN_UNLOCK(sp), READY("1")), GO(1),
	     DO(1, SPIN_UNLOCK(sp)), DO(2, OP(SPIN_TRYLOCK, sp)));
	ck_assert_uint_eq(script_threads[2].holds[0].family, FAMILY_SPIN);
}
END_TEST

START_TEST(a_spinlock_that_its_owner_locks_again_waits_for_itself)
{
	PLAY(DO(0, OP(SPIN_INIT, sp)), DO(0, SPIN_LOCK(sp)), DO(0, SPIN_LOCK(sp), BLOCKED));
	ck_assert_ptr_eq(hold_owner(&script_world, sp), &script_threads[0]);
}
END_TEST

START_TEST(misused_spinlocks_are_told)
{
	PLAY(DO(0, OP(SPIN_INIT, sp)), DO(0, SPIN_UNLOCK(sp), TELLS(UNLOCK_UNLOCKED)),
	     DO(1, SPIN_LOCK(sp)), DO(0, SPIN_UNLOCK(sp), TELLS(UNLOCK_NOT_OWNER), WITH(1, 2)),
	     DO(0, SPIN_LOCK(sp)), DO(1, OP(SPIN_INIT, sp), TELLS(REINITIALISED), WITH(0, 4)),
	     DO(1, SPIN_LOCK(sp)), DO(0, OP(SPIN_DESTROY, sp), TELLS(DESTROY_HELD), WITH(1, 6)),
	     DO(0, OP(SPIN_DESTROY, sp), TELLS(DOUBLE_DESTROY)),
	     DO(0, SPIN_LOCK(sp), TELLS(USE_DESTROYED)));
}
END_TEST

START_TEST(initialising_a_held_spinlock_takes_it_from_its_owner)
{
	PLAY(DO(0, OP(SPIN_INIT, sp)), DO(0, SPIN_LOCK(sp)),
	     DO(1, OP(SPIN_INIT, sp), TELLS(REINITIALISED), WITH(0, 1)));
	ck_assert_uint_eq(script_threads[0].hold_count, 0);
}
END_TEST

START_TEST(a_spinlock_of_arbitrary_bytes_is_told)
{
	memset(sp, 0xa5, sizeof(spin));
	PLAY(DO(0, SPIN_LOCK(sp), TELLS(UNINITIALISED)), DO(1, SPIN_LOCK(sp), BLOCKED));
}
END_TEST

#if defined(__x86_64__)
START_TEST(zero_is_no_spinlock_on_this_machine)
{
	PLAY(DO(0, SPIN_LOCK(sp), TELLS(UNINITIALISED)), DO(0, SPIN_UNLOCK(sp)));
}
END_TEST
#endif

Suite *check_suite(void)
{
	Suite *suite = suite_create("model_spin");
	TCase *tcase = tcase_create("spin");

	tcase_add_checked_fixture(tcase, begin, NULL);
	tcase_add_test(tcase, who_would_spin_waits_and_is_woken);
	tcase_add_test(tcase, a_spinlock_that_its_owner_locks_again_waits_for_itself);
	tcase_add_test(tcase, misused_spinlocks_are_told);
	tcase_add_test(tcase, a_spinlock_of_arbitrary_bytes_is_told);
#if defined(__x86_64__)
	tcase_add_test(tcase, zero_is_no_spinlock_on_this_machine);
#endif
	tcase_add_test(tcase, initialising_a_held_spinlock_takes_it_from_its_owner);
	suite_add_tcase(suite, tcase);
	return suite;
}
