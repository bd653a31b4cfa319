/* SPDX-License-Identifier: Apache-2.0 */
/* (a) Two threads, each five times {lock, read, unlock, lock, write, unlock}, then an assertion
 * that always holds. */
#include <assert.h>
#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static long value;

static void *work(void *unused)
{
	for (int i = 0; i < 5; i++) {
		long seen;

		pthread_mutex_lock(&lock);
		seen = value;
		pthread_mutex_unlock(&lock);
		pthread_mutex_lock(&lock);
		value = seen + 1;
		pthread_mutex_unlock(&lock);
	}
	return unused;
}

int main(void)
{
	pthread_t threads[2];

	for (int i = 0; i < 2; i++)
		if (pthread_create(&threads[i], NULL, work, NULL))
			return 2;
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	assert(value >= 2 && value <= 10);
	return 0;
}
