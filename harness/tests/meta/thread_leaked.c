/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: leak thread-not-joined
 * A thread is neither joined nor detached. */
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
	pthread_barrier_wait(&gate);
	if (FIXED)
		pthread_join(thread, NULL);
	return 0;
}
