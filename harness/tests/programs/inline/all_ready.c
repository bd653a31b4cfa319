/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Waits without a call until all threads say that they are ready, and looks at all of them in each
 * round: a loop in a loop, in which a conditional move tells whether one is not.
 */
#include <pthread.h>

#define THREADS 3

static struct {
	volatile int state;
	char name[60];
} threads[THREADS];

static void *work(void *arg)
{
	volatile int *state = arg;

	*state = 1;
	*state = 2;
	return NULL;
}

static void wait_for_all(void)
{
	int all;

	do {
		all = 1;
		for (int i = 0; i < THREADS; i++)
			__asm__ volatile("cmpl $2, %1\n\t"
					 "cmovne %2, %0"
					 : "+r"(all)
					 : "m"(threads[i].state), "r"(0)
					 : "cc");
	} while (!all);
}

int main(void)
{
	pthread_t t[THREADS];

	for (int i = 0; i < THREADS; i++)
		pthread_create(&t[i], NULL, work, (void *)&threads[i].state);
	wait_for_all();
	for (int i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	return threads[THREADS - 1].state != 2;
}
