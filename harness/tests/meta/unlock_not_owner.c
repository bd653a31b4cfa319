/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: misuse unlock-not-owner
 * One thread unlocks what another may hold. */
#include <pthread.h>
#include <stddef.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void *worker(void *unused)
{
	if (FIXED)
		pthread_mutex_lock(&lock);
	pthread_mutex_unlock(&lock);
	return unused;
}

int main(void)
{
	pthread_t thread;

	pthread_mutex_lock(&lock);
	if (FIXED)
		pthread_mutex_unlock(&lock);
	pthread_create(&thread, NULL, worker, NULL);
	pthread_join(thread, NULL);
	return 0;
}
