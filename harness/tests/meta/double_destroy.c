/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: misuse double-destroy
 * Both threads tear down what the last one should. */
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>

static pthread_mutex_t lock;
static atomic_int users = 2;

static void *worker(void *unused)
{
	pthread_mutex_lock(&lock);
	pthread_mutex_unlock(&lock);
	if (--users == 0 && FIXED)
		pthread_mutex_destroy(&lock);
	return unused;
}

int main(void)
{
	pthread_t one, other;

	pthread_mutex_init(&lock, NULL);
	pthread_create(&one, NULL, worker, NULL);
	pthread_create(&other, NULL, worker, NULL);
	pthread_join(one, NULL);
	pthread_join(other, NULL);
	if (!FIXED) {
		pthread_mutex_destroy(&lock);
		pthread_mutex_destroy(&lock);
	}
	return 0;
}
