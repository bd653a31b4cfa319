/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A lock by hand for readers and a writer, which is right: each announces itself, looks, and gives
 * way. In lockstep they would give way to each other for ever, which no fair machine does.
 */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

static atomic_int readers, writing;
static int first, second;

static void read_begin(void)
{
	for (;;) {
		atomic_fetch_add(&readers, 1);
		if (!writing)
			return;
		atomic_fetch_sub(&readers, 1);
		sched_yield();
	}
}

static void write_begin(void)
{
	int free = 0;

	while (!atomic_compare_exchange_strong(&writing, &free, 1)) {
		free = 0;
		sched_yield();
	}
	while (readers)
		sched_yield();
}

static void *writer(void *unused)
{
	for (int i = 0; i < 3; i++) {
		write_begin();
		first++;
		second++;
		writing = 0;
	}
	return unused;
}

static void *reader(void *unequal)
{
	for (int i = 0; i < 3; i++) {
		read_begin();
		*(int *)unequal += first != second;
		atomic_fetch_sub(&readers, 1);
	}
	return NULL;
}

int main(void)
{
	int unequal[2] = { 0, 0 };
	pthread_t threads[3];

	pthread_create(&threads[0], NULL, writer, NULL);
	for (int i = 0; i < 2; i++)
		pthread_create(&threads[1 + i], NULL, reader, &unequal[i]);
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	return unequal[0] + unequal[1];
}
