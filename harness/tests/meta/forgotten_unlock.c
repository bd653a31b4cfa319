/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: deadlock forgotten-unlock
 * An early return keeps the mutex; its owner goes on to wait for work. */
#include <pthread.h>
#include <semaphore.h>
#include <stddef.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static sem_t work;
static int left;

static int take(void)
{
	pthread_mutex_lock(&lock);
	if (left == 0) {
		if (FIXED)
			pthread_mutex_unlock(&lock);
		return 0;
	}
	left--;
	pthread_mutex_unlock(&lock);
	return 1;
}

static void *worker(void *unused)
{
	while (take())
		;
	sem_wait(&work);
	return unused;
}

int main(void)
{
	pthread_t thread;

	sem_init(&work, 0, 0);
	pthread_create(&thread, NULL, worker, NULL);
	pthread_mutex_lock(&lock);
	left = 1;
	pthread_mutex_unlock(&lock);
	sem_post(&work);
	pthread_join(thread, NULL);
	sem_destroy(&work);
	return 0;
}
