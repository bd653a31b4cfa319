/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: deadlock circular-wait
 * One takes a place, counted by a semaphore, and then the lock; the other does it the other way
 * round. */
#include <pthread.h>
#include <semaphore.h>
#include <stddef.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static sem_t places;
static int used;

static void *enter(void *unused)
{
	sem_wait(&places);
	pthread_mutex_lock(&lock);
	used++;
	pthread_mutex_unlock(&lock);
	sem_post(&places);
	return unused;
}

static void *clean(void *unused)
{
	if (FIXED)
		return enter(unused);
	pthread_mutex_lock(&lock);
	sem_wait(&places);
	used = 0;
	sem_post(&places);
	pthread_mutex_unlock(&lock);
	return unused;
}

int main(void)
{
	pthread_t thread[2];

	sem_init(&places, 0, 1);
	pthread_create(&thread[0], NULL, enter, NULL);
	pthread_create(&thread[1], NULL, clean, NULL);
	for (int i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	return 0;
}
