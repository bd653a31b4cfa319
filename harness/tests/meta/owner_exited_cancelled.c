/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: deadlock owner-exited
 * A thread is cancelled where it holds a mutex, without a cleanup handler. */
#include <pthread.h>
#include <stddef.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void unlock(void *mutex)
{
	pthread_mutex_unlock(mutex);
}

static void *worker(void *unused)
{
	pthread_mutex_lock(&lock);
	if (FIXED) {
		pthread_cleanup_push(unlock, &lock);
		usleep(10);
		pthread_cleanup_pop(0);
	} else {
		usleep(10);
	}
	pthread_mutex_unlock(&lock);
	return unused;
}

int main(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, worker, NULL);
	pthread_cancel(thread);
	pthread_join(thread, NULL);
	pthread_mutex_lock(&lock);
	pthread_mutex_unlock(&lock);
	return 0;
}
