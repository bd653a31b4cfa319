/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: crash signal
 * A pointer is followed that another thread has not set yet. */
#include <pthread.h>
#include <stddef.h>

static int value, *volatile pointer;

static void *worker(void *unused)
{
	pointer = &value;
	return unused;
}

int main(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, worker, NULL);
	if (FIXED)
		pthread_join(thread, NULL);
	*pointer = 1;
	if (!FIXED)
		pthread_join(thread, NULL);
	return 0;
}
