/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Weak memory in instrumented programs: in some schedules an atomic load reads an older value than
 * the latest where C11 lets it (detect/pending.h says which executions there are).
 *
 * One value of the strategy, drawn at the first load of a schedule that has a choice, decides
 * whether this schedule has such loads at all, and which: half of the schedules are those of the
 * program's order. Each such load is an event that says so, and findings of its schedule count
 * them.
 *
 * Whatever could order accesses unseen ends it, for the rest of the schedule or for the program: an
 * atomic instruction of code that is not instrumented makes all visible; where such instructions
 * are no longer looked at, where a fence stands in line, and from a fork on, loads read the latest.
 */
#ifndef JOSTLE_ENGINE_ACCESS_WEAK_H
#define JOSTLE_ENGINE_ACCESS_WEAK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hidden.h"
#include "detect/pending.h"
#include "event/op.h"

extern HIDDEN struct pending weak_pending;

/* A schedule begins, its race having begun. */
void weak_begin(void);
/* Loads read the latest for the rest of the schedule. */
void weak_stop(void);

/* The current thread stored value where old was, with an order weaker than sequential consistency;
 * or stored or updated in another way (overwrote). The race knows of the access alone. */
void weak_store(uintptr_t address, unsigned size, uint64_t old, uint64_t value);
void weak_overwrote(uintptr_t address, unsigned size, int order);
/* The memory is another block's now. */
void weak_renewed(uintptr_t address, size_t size);
/* It loads what is *value in memory. True: *value is an older one now, and the race knows of it. */
bool weak_load(uintptr_t address, unsigned size, int order, uint64_t *value);
/* It performed a fence of that order. */
void weak_fence(int order);

/* All that is pending is visible to all. */
static inline void weak_show_all(void)
{
	weak_pending.count = 0;
}

/* The current thread calls the system by that number. */
void weak_called(long number);
/* An operation of the thread was performed: all but accesses publish what the thread stored. */
void weak_publish(const struct thread *t);

static inline void weak_performed(const struct thread *t)
{
	if (__builtin_expect(weak_pending.count != 0, 0))
		weak_publish(t);
}

#endif
