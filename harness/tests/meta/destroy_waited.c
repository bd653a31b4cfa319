/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: misuse destroy-waited
 * ALSO: misuse use-destroyed
 * A condition is destroyed while somebody waits for it. */
#include <pthread.h>
#include <stddef.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t bell;
static int waits, over;

static void *worker(void *unused)
{
	pthread_mutex_lock(&lock);
	waits = 1;
	while (!over)
		pthread_cond_wait(&bell, &lock);
	pthread_mutex_unlock(&lock);
	return unused;
}

int main(void)
{
	pthread_t thread;

	pthread_cond_init(&bell, NULL);
	pthread_create(&thread, NULL, worker, NULL);
	pthread_mutex_lock(&lock);
	if (waits && !FIXED)
		pthread_cond_destroy(&bell);
	over = 1;
	pthread_cond_broadcast(&bell);
	pthread_mutex_unlock(&lock);
	pthread_join(thread, NULL);
	if (FIXED)
		pthread_cond_destroy(&bell);
	return 0;
}
