/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A lock of inline assembly in a program whose accesses are seen. Arguments: how often each thread
 * takes it, and "broken": then the second thread takes another one.
 */
#include <pthread.h>
#include <stdlib.h>

#include "../must.h"

static char locks[2];
static int number, rounds;

static char exchange(char *lock, char value)
{
	__asm__ __volatile__("xchgb %0, %1" : "+q"(value), "+m"(*lock) : : "memory");
	return value;
}

static void *raise_number(void *lock)
{
	for (int i = 0; i < rounds; i++) {
		while (exchange(lock, 1))
			__asm__ __volatile__("pause");
		number++;
		exchange(lock, 0);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t threads[2];

	must(argc > 1);
	rounds = atoi(argv[1]);
	for (int i = 0; i < 2; i++)
		must(pthread_create(&threads[i], NULL, raise_number, &locks[argc > 2 && i]) == 0);
	for (int i = 0; i < 2; i++)
		must(pthread_join(threads[i], NULL) == 0);
	return 0;
}
