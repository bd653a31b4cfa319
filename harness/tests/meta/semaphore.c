/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: deadlock semaphore
 * A way out of the function gives the permit not back. */
#include <pthread.h>
#include <semaphore.h>
#include <stddef.h>

static sem_t permits;
static int turn;

static void *worker(void *unused)
{
	sem_wait(&permits);
	if (turn++ == 1 && !FIXED)
		return unused;
	sem_post(&permits);
	return unused;
}

int main(void)
{
	pthread_t threads[3];

	sem_init(&permits, 0, 1);
	for (int i = 0; i < 3; i++)
		pthread_create(&threads[i], NULL, worker, NULL);
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	sem_destroy(&permits);
	return 0;
}
