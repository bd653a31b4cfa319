/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Condition waits and signals, by whichever name. A wait gives the mutex away and takes it back
 * inside the real call, so board->held goes on counting it: as long as somebody waits, invariants
 * without a guard are not checked, since the waiter may wake up past our gate.
 */
#ifndef JOSTLE_THREADS_WAIT_H
#define JOSTLE_THREADS_WAIT_H

#include "threads/lock.h"

static inline bool wait_begin(const volatile void *condition, const volatile void *mutex,
			      const void *site, bool timed)
{
	if (!point_begin(&(struct point){ OP_COND_WAIT, condition, mutex, site, timed }))
		return false;
	if (held_is_last(mutex))
		checks_guarded(mutex, site);
	held_drop(mutex);
	return true;
}

static inline int wait_end(int result, const volatile void *mutex, const void *site)
{
	held_got(mutex, site, FAMILY_MUTEX, false);
	point_end();
	return result;
}

/* Whether anybody waits for the condition now; if not, the signal is noted on the board. */
bool signal_begin(enum op_kind kind, const volatile void *condition, const void *site);

#endif
