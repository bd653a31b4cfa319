/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: misuse too-many-threads
 * SCHEDULES: 20
 * A thread for each of many requests, instead of a few that share them. */
#include <pthread.h>
#include <stddef.h>

#define REQUESTS 600
#define WORKERS  3

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int answered;

static void *worker(void *requests)
{
	for (int i = *(const int *)requests; i > 0; i--) {
		pthread_mutex_lock(&lock);
		answered++;
		pthread_mutex_unlock(&lock);
	}
	return NULL;
}

int main(void)
{
	static pthread_t threads[REQUESTS];
	const int count = FIXED ? WORKERS : REQUESTS;
	int each = FIXED ? 2 : 1;

	for (int i = 0; i < count; i++)
		if (pthread_create(&threads[i], NULL, worker, &each))
			return 2;
	for (int i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	return 0;
}
