/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: deadlock barrier
 * The barrier is made for one more than come. */
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
	pthread_t one, other;

	pthread_barrier_init(&gate, NULL, FIXED ? 2 : 3);
	pthread_create(&one, NULL, worker, NULL);
	pthread_create(&other, NULL, worker, NULL);
	pthread_join(one, NULL);
	pthread_join(other, NULL);
	pthread_barrier_destroy(&gate);
	return 0;
}
