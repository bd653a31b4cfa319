/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: misuse two-mutexes
 * Two wait for one condition, each with a mutex of its own. */
#include <pthread.h>
#include <stddef.h>

static pthread_mutex_t locks[2] = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER };
static pthread_cond_t bell = PTHREAD_COND_INITIALIZER;
static int ready;

static void *waiter(void *argument)
{
	pthread_mutex_t *lock = FIXED ? &locks[0] : argument;

	pthread_mutex_lock(lock);
	while (!ready)
		pthread_cond_wait(&bell, lock);
	pthread_mutex_unlock(lock);
	return NULL;
}

int main(void)
{
	pthread_t threads[2];

	for (int i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, waiter, &locks[i]);
	for (int i = 0; i < 2; i++)
		pthread_mutex_lock(&locks[i]);
	ready = 1;
	pthread_cond_broadcast(&bell);
	for (int i = 0; i < 2; i++)
		pthread_mutex_unlock(&locks[i]);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	return 0;
}
