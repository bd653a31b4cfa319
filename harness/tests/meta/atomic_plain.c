/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: race atomic-plain
 * BUILD: jostle cc
 * A counter is atomic for those who count, and a plain variable for who resets it. */
#include <pthread.h>
#include <stddef.h>

static int counter;

static void *count(void *argument)
{
	__atomic_fetch_add(&counter, 1, __ATOMIC_SEQ_CST);
	return argument;
}

static void *reset(void *argument)
{
	if (FIXED)
		__atomic_store_n(&counter, 0, __ATOMIC_SEQ_CST);
	else
		counter = 0;
	return argument;
}

int main(void)
{
	pthread_t one, other;

	pthread_create(&one, NULL, count, NULL);
	pthread_create(&other, NULL, reset, NULL);
	pthread_join(one, NULL);
	pthread_join(other, NULL);
	return 0;
}
