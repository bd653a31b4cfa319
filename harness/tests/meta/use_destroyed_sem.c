/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: misuse use-destroyed
 * A semaphore is posted after its end. */
#include <pthread.h>
#include <semaphore.h>
#include <stddef.h>

static sem_t count;

static void *worker(void *unused)
{
	sem_post(&count);
	return unused;
}

int main(void)
{
	pthread_t thread;

	sem_init(&count, 0, 0);
	pthread_create(&thread, NULL, worker, NULL);
	if (FIXED)
		sem_wait(&count);
	pthread_join(thread, NULL);
	sem_destroy(&count);
	if (!FIXED)
		sem_post(&count);
	return 0;
}
