/* SPDX-License-Identifier: Apache-2.0 */
/* See orders.h. */
#include "orders.h"

#include <immintrin.h>
#include <stdatomic.h>
#include <stddef.h>

static atomic_uint arrived, round;

void orders_lock(int *lock)
{
	int expected = 0;

	while (!__atomic_compare_exchange_n(lock, &expected, 1, 0, __ATOMIC_ACQUIRE,
					    __ATOMIC_RELAXED)) {
		expected = 0;
		_mm_pause();
	}
}

void orders_unlock(int *lock)
{
	__atomic_exchange_n(lock, 0, __ATOMIC_RELEASE);
}

void orders_take(int *lock)
{
	while (__atomic_exchange_n(lock, 1, __ATOMIC_ACQUIRE))
		_mm_pause();
}

void orders_give(int *lock)
{
	__atomic_store_n(lock, 0, __ATOMIC_RELEASE);
}

void orders_meet(unsigned threads)
{
	const unsigned mine = atomic_load_explicit(&round, memory_order_relaxed);

	if (atomic_fetch_add(&arrived, 1) + 1 == threads) {
		atomic_store_explicit(&arrived, 0, memory_order_relaxed);
		atomic_store_explicit(&round, mine + 1, memory_order_release);
		return;
	}
	while (atomic_load_explicit(&round, memory_order_acquire) == mine)
		_mm_pause();
}
