/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Queues with a lock each, of which a bit tells that there is something in it. Who wants something
 * goes round all of them, notes where it was, and tries only locks that seem to be free: while
 * another thread holds the only one that matters, it goes round without an atomic instruction.
 */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stddef.h>

#include "../must.h"

#define LANES 4u

static atomic_ulong filled;
static atomic_uchar locks[LANES];
static atomic_int items[LANES];
static atomic_int taken;

static __attribute__((noinline)) int take(atomic_uint *last)
{
	unsigned lane;
	int item;

	do {
		if (atomic_load_explicit(&filled, memory_order_relaxed) == 0)
			return 0;
		lane = (atomic_load_explicit(last, memory_order_relaxed) + 1) & (LANES - 1);
		atomic_store_explicit(last, lane, memory_order_relaxed);
	} while (!(atomic_load_explicit(&filled, memory_order_relaxed) >> lane & 1) ||
		 atomic_load_explicit(&locks[lane], memory_order_relaxed) ||
		 atomic_exchange(&locks[lane], 1));
	item = atomic_load(&items[lane]);
	sched_yield();
	if (item > 0) {
		atomic_store(&items[lane], item - 1);
		if (item == 1)
			atomic_fetch_and(&filled, ~(1UL << lane));
	}
	atomic_store_explicit(&locks[lane], 0, memory_order_release);
	return item > 0;
}

static void *body(void *unused)
{
	atomic_uint last = 0;

	while (take(&last))
		atomic_fetch_add(&taken, 1);
	return unused;
}

int main(void)
{
	pthread_t threads[3];

	atomic_store(&items[2], 3);
	atomic_store(&filled, 1UL << 2);
	for (int i = 0; i < 3; i++)
		must(pthread_create(&threads[i], NULL, body, NULL) == 0);
	for (int i = 0; i < 3; i++)
		must(pthread_join(threads[i], NULL) == 0);
	must(taken == 3);
	return 0;
}
