/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: deadlock lost-wakeup
 * The flag is set and signalled without the lock, between test and wait. */
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t bell = PTHREAD_COND_INITIALIZER;
static atomic_int ready;

static void *setter(void *unused)
{
	if (FIXED)
		pthread_mutex_lock(&lock);
	ready = 1;
	pthread_cond_signal(&bell);
	if (FIXED)
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
