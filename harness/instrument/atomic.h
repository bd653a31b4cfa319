/* SPDX-License-Identifier: Apache-2.0 */
/* The steps that atomic operations of every size have in common. */
#ifndef JOSTLE_INSTRUMENT_ATOMIC_H
#define JOSTLE_INSTRUMENT_ATOMIC_H

#include "instrument/tsan.h"

/* gcc adds hints for lock elision above the order itself. */
static inline int atomic_order(int order)
{
	return order & 7;
}

static inline void atomic_weak(int order)
{
	if (__builtin_expect(atomic_order(order) != __ATOMIC_SEQ_CST && !access_state.weak_told, 0))
		access_weak();
}

/* The scheduling point. Returns whether the operation is to be told. */
static inline bool atomic_begin(const volatile void *object, unsigned size, enum op_kind kind,
				uintptr_t pc)
{
	if (!access_state.on)
		return false;
	access_atomic((uintptr_t)object, size, kind, pc);
	return true;
}

static inline void atomic_loaded(const volatile void *object, unsigned size, int order,
				 uintptr_t pc)
{
	access_atomic_done((uintptr_t)object, size, 0, false, pc);
	atomic_weak(order);
	race_atomic_load(&access_race, engine_current->id,
			 access_object((const void *)(uintptr_t)object), atomic_order(order));
}

static inline void atomic_stored(const volatile void *object, unsigned size, int order,
				 bool changed, uintptr_t pc)
{
	access_atomic_done((uintptr_t)object, size, RACE_WRITE, changed, pc);
	atomic_weak(order);
	race_atomic_store(&access_race, engine_current->id,
			  access_object((const void *)(uintptr_t)object), atomic_order(order));
	access_refresh();
}

static inline void atomic_updated(const volatile void *object, unsigned size, int order,
				  bool changed, uintptr_t pc)
{
	access_atomic_done((uintptr_t)object, size, RACE_WRITE, changed, pc);
	race_atomic_update(&access_race, engine_current->id,
			   access_object((const void *)(uintptr_t)object), atomic_order(order));
	access_refresh();
}

static inline void atomic_exchanged(const volatile void *object, unsigned size, bool done,
				    int order, int failure, bool changed, uintptr_t pc)
{
	if (done)
		atomic_updated(object, size, order, changed, pc);
	else
		atomic_loaded(object, size, failure, pc);
}

#endif
