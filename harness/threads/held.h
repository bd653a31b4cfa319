/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is held. Each thread lists its own locks on the board, so that a cycle can be read off it
 * when all have come to a stand; and board->held counts the locks of all threads together, those
 * that are wanted among them. When it is 0 nobody is inside a critical section, and by closing the
 * gate nobody gets into one: that is when an invariant without a guard can be checked.
 */
#ifndef JOSTLE_THREADS_HELD_H
#define JOSTLE_THREADS_HELD_H

#include <stdbool.h>

#include "event/op.h"

/* Before the real call: the thread wants a lock. Waits while the gate is closed. */
void held_want(void);
/* It did not get it. */
void held_miss(void);
/* It has it: held_want() came before. */
void held_got(const volatile void *object, const void *site, enum op_family family, bool shared);
/* Off the thread's list, before the real call gives the lock to somebody else; the count stays. */
void held_drop(const volatile void *object);
/* After the real call: counts down. */
void held_gave(void);

/* Whether the thread has it just once: releasing it makes it free. */
bool held_is_last(const volatile void *object);

/* Closes the gate if nobody but the caller, who holds and wants `own` locks, is in or before a
 * critical section. Then held_open(). */
bool held_close(unsigned own);
void held_open(unsigned own);

#endif
