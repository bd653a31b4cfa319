/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: misuse reinitialised-in-use
 * ALSO: misuse unlock-unlocked
 * ALSO: misuse unlock-not-owner
 * A mutex that is held is made anew. */
#include <pthread.h>
#include <stddef.h>

static pthread_mutex_t lock;

static void *worker(void *unused)
{
	if (!FIXED)
		pthread_mutex_init(&lock, NULL);
	pthread_mutex_lock(&lock);
	pthread_mutex_unlock(&lock);
	return unused;
}

int main(void)
{
	pthread_t thread;

	pthread_mutex_init(&lock, NULL);
	pthread_create(&thread, NULL, worker, NULL);
	pthread_mutex_lock(&lock);
	pthread_mutex_unlock(&lock);
	pthread_join(thread, NULL);
	pthread_mutex_destroy(&lock);
	return 0;
}
