/* SPDX-License-Identifier: Apache-2.0 */
/* (b) Four threads, each 25 times {lock, increment, unlock}. */
#include <assert.h>
#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static long value;

static void *work(void *unused)
{
	for (int i = 0; i < 25; i++) {
		pthread_mutex_lock(&lock);
		value++;
		pthread_mutex_unlock(&lock);
	}
	return unused;
}

int main(void)
{
	pthread_t threads[4];

	for (int i = 0; i < 4; i++)
		if (pthread_create(&threads[i], NULL, work, NULL))
			return 2;
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	assert(value == 100);
	return 0;
}
