/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: deadlock upgrade
 * Two readers both want to write what they read. */
#include <pthread.h>
#include <stddef.h>

static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
static int value;

static void *worker(void *unused)
{
	pthread_rwlock_rdlock(&lock);
	if (value == 0) {
		if (FIXED)
			pthread_rwlock_unlock(&lock);
		pthread_rwlock_wrlock(&lock);
		value = 1;
	}
	pthread_rwlock_unlock(&lock);
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
