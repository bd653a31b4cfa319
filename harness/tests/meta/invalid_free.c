/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: lifetime invalid-free
 * The cursor into a block is freed instead of the block. */
#include <pthread.h>
#include <stdlib.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char *volatile cursor;

static void *worker(void *unused)
{
	pthread_mutex_lock(&lock);
	if (!FIXED)
		cursor += 16;
	pthread_mutex_unlock(&lock);
	return unused;
}

int main(void)
{
	char *start = malloc(64);
	pthread_t thread;

	cursor = start;
	pthread_create(&thread, NULL, worker, NULL);
	pthread_mutex_lock(&lock);
	free(cursor);
	pthread_mutex_unlock(&lock);
	pthread_join(thread, NULL);
	return 0;
}
