/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: crash abort
 * A consistency check aborts in some schedules. */
#include <pthread.h>
#include <stdlib.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int value;

static void *worker(void *unused)
{
	int seen;

	pthread_mutex_lock(&lock);
	seen = value;
	if (!FIXED) {
		pthread_mutex_unlock(&lock);
		pthread_mutex_lock(&lock);
	}
	if (value != seen)
		abort();
	value++;
	pthread_mutex_unlock(&lock);
	return unused;
}

int main(void)
{
	pthread_t one, other;

	pthread_create(&one, NULL, worker, NULL);
	pthread_create(&other, NULL, worker, NULL);
	pthread_join(one, NULL);
	pthread_join(other, NULL);
	return 0;
}
