/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: exit exit-status
 * An update is lost between two critical sections, and main returns so. */
#include <pthread.h>
#include <stddef.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int total;

static void *worker(void *unused)
{
	int seen;

	pthread_mutex_lock(&lock);
	seen = total;
	if (!FIXED) {
		pthread_mutex_unlock(&lock);
		pthread_mutex_lock(&lock);
	}
	total = seen + 1;
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
	return total == 2 ? 0 : 3;
}
