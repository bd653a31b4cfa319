/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: deadlock join-cycle
 * Three threads join each other in a ring, so that nobody's check sees it. */
#include <pthread.h>
#include <stddef.h>

static pthread_t threads[3];
static char numbers[3];
static pthread_barrier_t started;

static void *worker(void *argument)
{
	const char *self = argument;
	const int next = (self - numbers + 1) % 3;

	pthread_barrier_wait(&started);
	if (!FIXED || next != 0)
		pthread_join(threads[next], NULL);
	return NULL;
}

int main(void)
{
	pthread_barrier_init(&started, NULL, 4);
	for (int i = 0; i < 3; i++)
		pthread_create(&threads[i], NULL, worker, &numbers[i]);
	pthread_barrier_wait(&started);
	if (FIXED)
		pthread_join(threads[0], NULL);
	else
		pthread_exit(NULL);
	return 0;
}
