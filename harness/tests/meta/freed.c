/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: lifetime use-after-free
 * Whoever comes last frees the object that holds the mutex; main looks at it once more. */
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>

struct shared {
	pthread_mutex_t lock;
	int users;
};

static void *worker(void *argument)
{
	struct shared *shared = argument;
	int left;

	pthread_mutex_lock(&shared->lock);
	left = --shared->users;
	pthread_mutex_unlock(&shared->lock);
	if (left == 0)
		free(shared);
	return NULL;
}

int main(void)
{
	struct shared *shared = calloc(1, sizeof(*shared));
	pthread_t one, other;

	pthread_mutex_init(&shared->lock, NULL);
	shared->users = 2;
	pthread_create(&one, NULL, worker, shared);
	pthread_create(&other, NULL, worker, shared);
	pthread_join(one, NULL);
	pthread_join(other, NULL);
	if (!FIXED) {
		pthread_mutex_lock(&shared->lock);
		pthread_mutex_unlock(&shared->lock);
	}
	return 0;
}
