/* SPDX-License-Identifier: Apache-2.0 */
/* Code in two executable segments, as linkers make of programs with code at a place of its own: the
 * atomic instructions of both are found once. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

static _Atomic long near_count, far_count;

__attribute__((section(".far"), noinline)) static void count_far(void)
{
	for (int i = 0; i < 3; i++)
		atomic_fetch_add(&far_count, i);
}

static void *work(void *unused)
{
	for (int i = 0; i < 3; i++)
		atomic_fetch_add(&near_count, i);
	count_far();
	return unused;
}

int main(void)
{
	pthread_t t[2];

	for (int i = 0; i < 2; i++)
		pthread_create(&t[i], NULL, work, NULL);
	for (int i = 0; i < 2; i++)
		pthread_join(t[i], NULL);
	if (near_count != 6 || far_count != 6)
		puts("some are lost");
	return near_count != 6 || far_count != 6;
}
