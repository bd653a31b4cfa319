/* SPDX-License-Identifier: Apache-2.0 */
/* Two threads, five reads and five writes of one volatile counter each, without a lock. */
#include <pthread.h>

static volatile long counter;

static void *body(void *arg)
{
	for (int i = 0; i < 5; i++)
		counter = counter + 1;
	return arg;
}

int main(void)
{
	pthread_t threads[2];

	for (int i = 0; i < 2; i++)
		if (pthread_create(&threads[i], NULL, body, NULL))
			return 2;
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	return 0;
}
