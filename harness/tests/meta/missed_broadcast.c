/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: deadlock missed-broadcast
 * Two wait for the end, one is woken. */
#include <pthread.h>
#include <stddef.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t bell = PTHREAD_COND_INITIALIZER;
static int over;

static void *sleeper(void *unused)
{
	pthread_mutex_lock(&lock);
	while (!over)
		pthread_cond_wait(&bell, &lock);
	pthread_mutex_unlock(&lock);
	return unused;
}

int main(void)
{
	pthread_t threads[2];

	for (int i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, sleeper, NULL);
	pthread_mutex_lock(&lock);
	over = 1;
	if (FIXED)
		pthread_cond_broadcast(&bell);
	else
		pthread_cond_signal(&bell);
	pthread_mutex_unlock(&lock);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	return 0;
}
