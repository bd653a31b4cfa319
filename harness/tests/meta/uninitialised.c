/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: misuse uninitialised
 * The bytes of a mutex were never a mutex. */
#include <pthread.h>
#include <stddef.h>
#include <string.h>

static pthread_mutex_t lock;

static void *worker(void *unused)
{
	pthread_mutex_lock(&lock);
	pthread_mutex_unlock(&lock);
	return unused;
}

int main(void)
{
	pthread_t thread;

	memset(&lock, 0x5a, sizeof(lock));
	if (FIXED)
		pthread_mutex_init(&lock, NULL);
	pthread_create(&thread, NULL, worker, NULL);
	pthread_join(thread, NULL);
	return 0;
}
