/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: lifetime dead-stack
 * BUILD: jostle cc
 * A thread hands out the address of a variable on its stack, and ends. */
#include <pthread.h>
#include <stddef.h>

static int kept;
static int *volatile place;

static void *publish(void *argument)
{
	int local = 7;

	place = FIXED ? &kept : &local;
	*place = 8;
	return argument;
}

int main(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, publish, NULL);
	pthread_join(thread, NULL);
	return *place == 9;
}
