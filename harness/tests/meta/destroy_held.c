/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: misuse destroy-held
 * A mutex is destroyed while a thread may still hold it. */
#include <pthread.h>
#include <semaphore.h>
#include <stddef.h>

static pthread_mutex_t lock;
static sem_t taken;

static void *worker(void *unused)
{
	pthread_mutex_lock(&lock);
	sem_post(&taken);
	pthread_mutex_unlock(&lock);
	return unused;
}

int main(void)
{
	pthread_t thread;

	pthread_mutex_init(&lock, NULL);
	sem_init(&taken, 0, 0);
	pthread_create(&thread, NULL, worker, NULL);
	sem_wait(&taken);
	if (FIXED)
		pthread_join(thread, NULL);
	if (pthread_mutex_destroy(&lock) != 0 && FIXED)
		return 1;
	if (!FIXED)
		pthread_join(thread, NULL);
	sem_destroy(&taken);
	return 0;
}
