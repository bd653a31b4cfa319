/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inline assembly in a program whose accesses are seen. Arguments: how often each of two threads
 * takes a lock of exchanges, or 0: the first one hands something over by a plain store, which is
 * not seen; or -1: nothing guards what each counts before and after such an exchange. And "broken":
 * then the second thread takes another lock, or does not wait.
 */
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#include "../must.h"

static char locks[2], handed;
static int number, rounds;
static bool broken;

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

__attribute__((noinline)) static void count_one(void)
{
	number++;
}

static void *count(void *lock)
{
	for (int i = 0; i < 2; i++) {
		count_one();
		exchange(lock, 0);
	}
	return NULL;
}

static void *hand_over(void *lock)
{
	exchange(lock, 1);
	number = 1;
	__asm__ __volatile__("movb $1, %0" : "=m"(handed) : : "memory");
	return NULL;
}

static void *take_over(void *lock)
{
	char is = broken;

	exchange(lock, 1);
	while (!is)
		__asm__ __volatile__("movb %1, %0\n\tpause" : "=q"(is) : "m"(handed) : "memory");
	number = 2;
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t threads[2];

	must(argc > 1);
	rounds = atoi(argv[1]);
	broken = argc > 2;
	for (int i = 0; i < 2; i++) {
		void *(*body)(void *) = i ? take_over : hand_over;

		if (rounds != 0)
			body = rounds > 0 ? raise_number : count;
		must(pthread_create(&threads[i], NULL, body,
				    &locks[i && (broken || rounds <= 0)]) == 0);
	}
	for (int i = 0; i < 2; i++)
		must(pthread_join(threads[i], NULL) == 0);
	return 0;
}
