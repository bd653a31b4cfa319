/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: invariant -
 * Two fields that belong together are written under two locks. */
#include <pthread.h>
#include <stddef.h>

#include "jostle.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int left = 5, right = 5;

static int same_sum(void *unused)
{
	(void)unused;
	return left + right == 10;
}

static void *worker(void *unused)
{
	pthread_mutex_lock(&lock);
	left--;
	if (!FIXED) {
		pthread_mutex_unlock(&lock);
		pthread_mutex_lock(&lock);
	}
	right++;
	pthread_mutex_unlock(&lock);
	return unused;
}

int main(void)
{
	pthread_t thread;

	jostle_invariant("sum", same_sum, NULL, &lock);
	pthread_create(&thread, NULL, worker, NULL);
	pthread_join(thread, NULL);
	return 0;
}
