/* SPDX-License-Identifier: Apache-2.0 */
/* The steps that atomic operations of every size have in common. */
#ifndef JOSTLE_INSTRUMENT_ATOMIC_H
#define JOSTLE_INSTRUMENT_ATOMIC_H

#include "engine/access/weak.h"
#include "instrument/tsan.h"

/* gcc adds hints for lock elision above the order itself. */
static inline int atomic_order(int order)
{
	return order & 7;
}

/* Told once: what the report says of weak orders where they show nothing. */
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

/* Memory holds value. Returns what the load reads. */
static inline uint64_t atomic_loaded(const volatile void *object, unsigned size, int order,
				     uint64_t value, uintptr_t pc)
{
	access_atomic_done((uintptr_t)object, size, 0, false, pc);
	atomic_weak(order);
	if (__builtin_expect(weak_pending.count != 0, 0) &&
	    weak_load((uintptr_t)object, size, atomic_order(order), &value))
		return value;
	race_atomic_load(&access_race, engine_current->id,
			 access_object((const void *)(uintptr_t)object), atomic_order(order));
	return value;
}

/* A load that reads the latest store whatever its order: of a compare-exchange that fails, and of
 * sixteen bytes. */
static inline void atomic_loaded_latest(const volatile void *object, unsigned size, int order,
					uintptr_t pc)
{
	access_atomic_done((uintptr_t)object, size, 0, false, pc);
	if (weak_pending.count != 0)
		weak_overwrote((uintptr_t)object, size, __ATOMIC_RELAXED);
	race_atomic_load(&access_race, engine_current->id,
			 access_object((const void *)(uintptr_t)object), atomic_order(order));
}

/* old and value: of eight bytes at most; sixteen are visible at once. */
static inline void atomic_stored(const volatile void *object, unsigned size, int order,
				 bool changed, uint64_t old, uint64_t value, uintptr_t pc)
{
	access_atomic_done((uintptr_t)object, size, RACE_WRITE, changed, pc);
	atomic_weak(order);
	if (access_state.weak && atomic_order(order) != __ATOMIC_SEQ_CST && size <= sizeof(value))
		weak_store((uintptr_t)object, size, old, value);
	else if (weak_pending.count != 0)
		weak_overwrote((uintptr_t)object, size, atomic_order(order));
	race_atomic_store(&access_race, engine_current->id,
			  access_object((const void *)(uintptr_t)object), atomic_order(order));
	access_refresh();
}

static inline void atomic_updated(const volatile void *object, unsigned size, int order,
				  bool changed, uintptr_t pc)
{
	access_atomic_done((uintptr_t)object, size, RACE_WRITE, changed, pc);
	if (weak_pending.count != 0)
		weak_overwrote((uintptr_t)object, size, atomic_order(order));
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
		atomic_loaded_latest(object, size, failure, pc);
}

#endif
