/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: deadlock self
 * A function locks what its caller holds. */
#include <pthread.h>
#include <stddef.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int total;

static void add(int amount)
{
	if (!FIXED)
		pthread_mutex_lock(&lock);
	total += amount;
	if (!FIXED)
		pthread_mutex_unlock(&lock);
}

static void *worker(void *unused)
{
	pthread_mutex_lock(&lock);
	add(2);
	pthread_mutex_unlock(&lock);
	return unused;
}

int main(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, worker, NULL);
	pthread_join(thread, NULL);
	return total != 2;
}
