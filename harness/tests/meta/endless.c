/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: hang no-scheduling-point
 * SCHEDULES: 1
 * A plain flag is waited for in a loop without any call. */
#include <pthread.h>
#include <stddef.h>

static volatile int stuck;

static void *worker(void *unused)
{
	if (!FIXED)
		stuck = 1;
	while (stuck)
		;
	return unused;
}

int main(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, worker, NULL);
	pthread_join(thread, NULL);
	return 0;
}
