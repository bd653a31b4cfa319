/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: misuse detach-twice
 * A thread is detached by its maker and by itself. */
#include <pthread.h>
#include <stddef.h>

static pthread_barrier_t gate;

static void *worker(void *unused)
{
	if (!FIXED)
		pthread_detach(pthread_self());
	pthread_barrier_wait(&gate);
	pthread_exit(unused);
}

int main(void)
{
	pthread_t thread;

	pthread_barrier_init(&gate, NULL, 2);
	pthread_create(&thread, NULL, worker, NULL);
	pthread_detach(thread);
	pthread_barrier_wait(&gate);
	return 0;
}
