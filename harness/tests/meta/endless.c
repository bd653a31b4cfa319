/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: hang no-scheduling-point
 * SCHEDULES: 1
 * A loop without any call counts to no end. */
#include <pthread.h>
#include <stddef.h>

static volatile unsigned rounds;

static void *worker(void *unused)
{
	do
		rounds++;
	while (!FIXED || rounds < 100);
	return unused;
}

int main(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, worker, NULL);
	pthread_join(thread, NULL);
	return 0;
}
