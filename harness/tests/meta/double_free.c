/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: lifetime double-free
 * Both threads free what one of them should. */
#include <pthread.h>
#include <stdlib.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static void *block;

static void *worker(void *unused)
{
	void *mine;

	pthread_mutex_lock(&lock);
	mine = block;
	if (FIXED)
		block = NULL;
	pthread_mutex_unlock(&lock);
	free(mine);
	return unused;
}

int main(void)
{
	pthread_t one, other;

	block = malloc(64);
	pthread_create(&one, NULL, worker, NULL);
	pthread_create(&other, NULL, worker, NULL);
	pthread_join(one, NULL);
	pthread_join(other, NULL);
	return 0;
}
