/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: misuse reinitialised-in-use
 * ALSO: deadlock barrier
 * A barrier is made anew while a thread waits at it. */
#include <pthread.h>
#include <stddef.h>

static pthread_barrier_t gate;

static void *worker(void *unused)
{
	pthread_barrier_wait(&gate);
	return unused;
}

int main(void)
{
	pthread_t thread;

	pthread_barrier_init(&gate, NULL, 2);
	pthread_create(&thread, NULL, worker, NULL);
	if (!FIXED)
		pthread_barrier_init(&gate, NULL, 2);
	pthread_barrier_wait(&gate);
	pthread_join(thread, NULL);
	return 0;
}
