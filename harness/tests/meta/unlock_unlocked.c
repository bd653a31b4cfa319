/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: misuse unlock-unlocked
 * A function unlocks twice, in one of its ways out. */
#include <pthread.h>
#include <stddef.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int count;

static void *worker(void *unused)
{
	pthread_mutex_lock(&lock);
	if (++count == 2 && !FIXED)
		pthread_mutex_unlock(&lock);
	pthread_mutex_unlock(&lock);
	return unused;
}

int main(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, worker, NULL);
	pthread_join(thread, NULL);
	worker(NULL);
	return 0;
}
