/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: misuse use-destroyed
 * ALSO: misuse destroy-held
 * A thread that nobody waits for locks after the mutex's end. */
#include <pthread.h>
#include <stddef.h>

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

	pthread_mutex_init(&lock, NULL);
	pthread_create(&thread, NULL, worker, NULL);
	if (FIXED)
		pthread_join(thread, NULL);
	pthread_mutex_destroy(&lock);
	if (!FIXED)
		pthread_join(thread, NULL);
	return 0;
}
