/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: misuse semaphore-negative
 * One element too many is cleared, and the semaphore lies behind the array. */
#include <pthread.h>
#include <semaphore.h>
#include <stddef.h>

static struct {
	int slots[4];
	sem_t available;
} pool;
static volatile int last = FIXED ? 3 : 4;

static void *worker(void *unused)
{
	int *slot = pool.slots;

	for (int i = 0; i <= last; i++)
		*slot++ = -1;
	sem_post(&pool.available);
	return unused;
}

int main(void)
{
	pthread_t thread;

	sem_init(&pool.available, 0, 0);
	pthread_create(&thread, NULL, worker, NULL);
	pthread_join(thread, NULL);
	sem_destroy(&pool.available);
	return 0;
}
