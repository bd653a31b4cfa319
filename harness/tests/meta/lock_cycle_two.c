/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: deadlock lock-cycle
 * Two threads take two mutexes in opposite order. */
#include <pthread.h>
#include <stddef.h>

static pthread_mutex_t north = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t south = PTHREAD_MUTEX_INITIALIZER;

static void both(pthread_mutex_t *one, pthread_mutex_t *other)
{
	pthread_mutex_lock(one);
	pthread_mutex_lock(other);
	pthread_mutex_unlock(other);
	pthread_mutex_unlock(one);
}

static void *worker(void *unused)
{
	both(FIXED ? &north : &south, FIXED ? &south : &north);
	return unused;
}

int main(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, worker, NULL);
	both(&north, &south);
	pthread_join(thread, NULL);
	return 0;
}
