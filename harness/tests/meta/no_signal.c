/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: deadlock no-signal
 * Nobody ever signals the condition. */
#include <pthread.h>
#include <stddef.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t bell = PTHREAD_COND_INITIALIZER;
static int ready;

static void *setter(void *unused)
{
	pthread_mutex_lock(&lock);
	ready = 1;
	if (FIXED)
		pthread_cond_signal(&bell);
	pthread_mutex_unlock(&lock);
	return unused;
}

int main(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, setter, NULL);
	pthread_mutex_lock(&lock);
	while (!ready)
		pthread_cond_wait(&bell, &lock);
	pthread_mutex_unlock(&lock);
	pthread_join(thread, NULL);
	return 0;
}
