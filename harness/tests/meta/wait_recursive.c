/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: misuse wait-recursively-held
 * ALSO: deadlock forgotten-unlock
 * A wait gives up a recursive mutex once; it was taken twice. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stddef.h>

static pthread_mutex_t lock = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static pthread_cond_t bell = PTHREAD_COND_INITIALIZER;
static int ready;

static void *setter(void *unused)
{
	pthread_mutex_lock(&lock);
	ready = 1;
	pthread_cond_signal(&bell);
	pthread_mutex_unlock(&lock);
	return unused;
}

int main(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, setter, NULL);
	pthread_mutex_lock(&lock);
	if (!FIXED)
		pthread_mutex_lock(&lock);
	while (!ready)
		pthread_cond_wait(&bell, &lock);
	if (!FIXED)
		pthread_mutex_unlock(&lock);
	pthread_mutex_unlock(&lock);
	pthread_join(thread, NULL);
	return 0;
}
