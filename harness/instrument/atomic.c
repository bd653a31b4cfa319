/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Atomic operations of one to eight bytes. Each is a scheduling point, is performed with the
 * strongest order (one thread runs at a time; another process may look), and tells the detector the
 * order that the program asked for. A compare-exchange that fails is a load. What a load reads of
 * memory may be given up for an older value (engine/access/weak.h).
 */
#include "instrument/atomic.h"

#define LOAD(bits, type)                                                                \
	TSAN type __tsan_atomic##bits##_load(const volatile type *object, int order);   \
	type __tsan_atomic##bits##_load(const volatile type *object, int order)         \
	{                                                                               \
		const bool on = atomic_begin(object, sizeof(type), OP_ATOMIC_LOAD, PC); \
		type value = __atomic_load_n(object, __ATOMIC_SEQ_CST);                 \
                                                                                        \
		if (on)                                                                 \
			value = (type)atomic_loaded(object, sizeof(type), order, value, \
						    PC);                                \
		return value;                                                           \
	}

#define STORE(bits, type)                                                                    \
	TSAN void __tsan_atomic##bits##_store(volatile type *object, type value, int order); \
	void __tsan_atomic##bits##_store(volatile type *object, type value, int order)       \
	{                                                                                    \
		const bool on = atomic_begin(object, sizeof(type), OP_ATOMIC_STORE, PC);     \
		const type old = __atomic_exchange_n(object, value, __ATOMIC_SEQ_CST);       \
                                                                                             \
		if (on)                                                                      \
			atomic_stored(object, sizeof(type), order, old != value, old, value, \
				      PC);                                                   \
	}

#define UPDATE(bits, type, name, builtin, after)                                               \
	TSAN type __tsan_atomic##bits##_##name(volatile type *object, type value, int order);  \
	type __tsan_atomic##bits##_##name(volatile type *object, type value, int order)        \
	{                                                                                      \
		const bool on = atomic_begin(object, sizeof(type), OP_ATOMIC_RMW, PC);         \
		const type old = builtin(object, value, __ATOMIC_SEQ_CST);                     \
                                                                                               \
		if (on)                                                                        \
			atomic_updated(object, sizeof(type), order, (type)(after) != old, PC); \
		return old;                                                                    \
	}

#define EXCHANGE(bits, type, name, weak)                                                           \
	TSAN int __tsan_atomic##bits##_compare_exchange_##name(                                    \
		volatile type *object, type *expected, type value, int order, int failure);        \
	int __tsan_atomic##bits##_compare_exchange_##name(volatile type *object, type *expected,   \
							  type value, int order, int failure)      \
	{                                                                                          \
		const bool on = atomic_begin(object, sizeof(type), OP_ATOMIC_RMW, PC);             \
		const type wanted = *expected;                                                     \
		const bool done = __atomic_compare_exchange_n(object, expected, value, false,      \
							      __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST); \
                                                                                                   \
		if (on)                                                                            \
			atomic_exchanged(object, sizeof(type), done, order, failure,               \
					 value != wanted, PC);                                     \
		return done;                                                                       \
	}

#define EXCHANGE_VALUE(bits, type)                                                                 \
	TSAN type __tsan_atomic##bits##_compare_exchange_val(volatile type *object, type expected, \
							     type value, int order, int failure);  \
	type __tsan_atomic##bits##_compare_exchange_val(volatile type *object, type expected,      \
							type value, int order, int failure)        \
	{                                                                                          \
		const bool on = atomic_begin(object, sizeof(type), OP_ATOMIC_RMW, PC);             \
		const type wanted = expected;                                                      \
		const bool done = __atomic_compare_exchange_n(object, &expected, value, false,     \
							      __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST); \
                                                                                                   \
		if (on)                                                                            \
			atomic_exchanged(object, sizeof(type), done, order, failure,               \
					 value != wanted, PC);                                     \
		return expected;                                                                   \
	}

#define OF_TYPE(bits, type)                                                 \
	LOAD(bits, type)                                                    \
	STORE(bits, type)                                                   \
	UPDATE(bits, type, exchange, __atomic_exchange_n, value)            \
	UPDATE(bits, type, fetch_add, __atomic_fetch_add, old + value)      \
	UPDATE(bits, type, fetch_sub, __atomic_fetch_sub, old - value)      \
	UPDATE(bits, type, fetch_and, __atomic_fetch_and, old &value)       \
	UPDATE(bits, type, fetch_or, __atomic_fetch_or, old | value)        \
	UPDATE(bits, type, fetch_xor, __atomic_fetch_xor, old ^ value)      \
	UPDATE(bits, type, fetch_nand, __atomic_fetch_nand, ~(old & value)) \
	EXCHANGE(bits, type, strong, false)                                 \
	EXCHANGE(bits, type, weak, true)                                    \
	EXCHANGE_VALUE(bits, type)

OF_TYPE(8, uint8_t)
OF_TYPE(16, uint16_t)
OF_TYPE(32, uint32_t)
OF_TYPE(64, uint64_t)

/* The thread's own order against a signal handler on it: nothing to do with other threads. */
TSAN void __tsan_atomic_signal_fence(int order);
void __tsan_atomic_signal_fence(int order)
{
	(void)order;
}

TSAN void __tsan_atomic_thread_fence(int order);
void __tsan_atomic_thread_fence(int order)
{
	if (access_state.on) {
		access_fence(PC);
		race_fence(&access_race, engine_current->id, atomic_order(order));
		weak_fence(atomic_order(order));
		access_refresh();
	}
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}
