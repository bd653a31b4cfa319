/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: deadlock lock-cycle
 * Three threads, three mutexes, each holds one and wants the next. */
#include <pthread.h>
#include <stddef.h>

static pthread_mutex_t ring[3] = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER,
				   PTHREAD_MUTEX_INITIALIZER };

static void *worker(void *argument)
{
	pthread_mutex_t *one = argument, *other = one == &ring[2] ? &ring[0] : one + 1;

	if (FIXED && other < one) {
		other = one;
		one = &ring[0];
	}
	pthread_mutex_lock(one);
	pthread_mutex_lock(other);
	pthread_mutex_unlock(other);
	pthread_mutex_unlock(one);
	return NULL;
}

int main(void)
{
	pthread_t threads[3];

	for (int i = 0; i < 3; i++)
		pthread_create(&threads[i], NULL, worker, &ring[i]);
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	return 0;
}
