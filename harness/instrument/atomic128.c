/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Atomic operations of sixteen bytes. The compilers' builtins would call libatomic, so all of them
 * are made of the one instruction that there is, cmpxchg16b.
 */
#include "instrument/atomic.h"

#if defined(__x86_64__)
__extension__ typedef unsigned __int128 wide;

static bool exchange(volatile wide *object, wide *expected, wide value)
{
	uint64_t low = (uint64_t)*expected, high = (uint64_t)(*expected >> 64);
	bool done;

	__asm__ volatile("lock cmpxchg16b %1"
			 : "=@ccz"(done), "+m"(*object), "+a"(low), "+d"(high)
			 : "b"((uint64_t)value), "c"((uint64_t)(value >> 64))
			 : "memory");
	*expected = (wide)high << 64 | low;
	return done;
}

static wide load(volatile wide *object)
{
	wide seen = 0;

	exchange(object, &seen, 0);
	return seen;
}

TSAN wide __tsan_atomic128_load(const volatile wide *object, int order);
wide __tsan_atomic128_load(const volatile wide *object, int order)
{
	const bool on = atomic_begin(object, sizeof(wide), OP_ATOMIC_LOAD, PC);
	const wide value = load((volatile wide *)(uintptr_t)object);

	if (on)
		atomic_loaded_latest(object, sizeof(wide), order, PC);
	return value;
}

TSAN void __tsan_atomic128_store(volatile wide *object, wide value, int order);
void __tsan_atomic128_store(volatile wide *object, wide value, int order)
{
	const bool on = atomic_begin(object, sizeof(wide), OP_ATOMIC_STORE, PC);
	const wide before = load(object);
	wide seen = before;

	while (!exchange(object, &seen, value))
		continue;
	if (on)
		atomic_stored(object, sizeof(wide), order, before != value, 0, 0, PC);
}

#define UPDATE(name, after)                                                                    \
	TSAN wide __tsan_atomic128_##name(volatile wide *object, wide value, int order);       \
	wide __tsan_atomic128_##name(volatile wide *object, wide value, int order)             \
	{                                                                                      \
		const bool on = atomic_begin(object, sizeof(wide), OP_ATOMIC_RMW, PC);         \
		wide old = load(object);                                                       \
                                                                                               \
		while (!exchange(object, &old, after))                                         \
			continue;                                                              \
		if (on)                                                                        \
			atomic_updated(object, sizeof(wide), order, (wide)(after) != old, PC); \
		return old;                                                                    \
	}

UPDATE(exchange, value)
UPDATE(fetch_add, old + value)
UPDATE(fetch_sub, old - value)
UPDATE(fetch_and, old &value)
UPDATE(fetch_or, old | value)
UPDATE(fetch_xor, old ^ value)
UPDATE(fetch_nand, ~(old &value))

static int compare_exchange(volatile wide *object, wide *expected, wide value, int order,
			    int failure, uintptr_t pc)
{
	const bool on = atomic_begin(object, sizeof(wide), OP_ATOMIC_RMW, pc);
	const wide wanted = *expected;
	const bool done = exchange(object, expected, value);

	if (on)
		atomic_exchanged(object, sizeof(wide), done, order, failure, value != wanted, pc);
	return done;
}

TSAN int __tsan_atomic128_compare_exchange_strong(volatile wide *object, wide *expected, wide value,
						  int order, int failure);
int __tsan_atomic128_compare_exchange_strong(volatile wide *object, wide *expected, wide value,
					     int order, int failure)
{
	return compare_exchange(object, expected, value, order, failure, PC);
}

TSAN int __tsan_atomic128_compare_exchange_weak(volatile wide *object, wide *expected, wide value,
						int order, int failure);
int __tsan_atomic128_compare_exchange_weak(volatile wide *object, wide *expected, wide value,
					   int order, int failure)
{
	return compare_exchange(object, expected, value, order, failure, PC);
}

TSAN wide __tsan_atomic128_compare_exchange_val(volatile wide *object, wide expected, wide value,
						int order, int failure);
wide __tsan_atomic128_compare_exchange_val(volatile wide *object, wide expected, wide value,
					   int order, int failure)
{
	compare_exchange(object, &expected, value, order, failure, PC);
	return expected;
}
#endif
