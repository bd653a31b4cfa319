/* SPDX-License-Identifier: Apache-2.0 */
/* THREADS threads, each PAIRS times {lock, unlock} on a mutex of its own: what a scheduling point
 * costs, as threads grow. */
#include <pthread.h>
#include <stdlib.h>

#define THREADS_MAX 256

static struct {
	pthread_mutex_t lock;
	char apart[128];
} own[THREADS_MAX];
static int pairs;

static void *work(void *argument)
{
	pthread_mutex_t *lock = argument;

	for (int i = 0; i < pairs; i++) {
		pthread_mutex_lock(lock);
		pthread_mutex_unlock(lock);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	const int count = argc > 1 ? atoi(argv[1]) : 2;
	pthread_t threads[THREADS_MAX];

	pairs = argc > 2 ? atoi(argv[2]) : 100;
	if (count < 1 || count > THREADS_MAX)
		return 2;
	for (int i = 0; i < count; i++)
		if (pthread_create(&threads[i], NULL, work, &own[i].lock))
			return 2;
	for (int i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	return 0;
}
