/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: misuse join-twice
 * Two threads wait for the end of the same third. */
#include <pthread.h>
#include <stddef.h>

static pthread_t worker_thread;

static void *worker(void *unused)
{
	return unused;
}

static void *joiner(void *unused)
{
	if (!FIXED)
		pthread_join(worker_thread, NULL);
	return unused;
}

int main(void)
{
	pthread_t thread;

	pthread_create(&worker_thread, NULL, worker, NULL);
	pthread_create(&thread, NULL, joiner, NULL);
	pthread_join(worker_thread, NULL);
	pthread_join(thread, NULL);
	return 0;
}
