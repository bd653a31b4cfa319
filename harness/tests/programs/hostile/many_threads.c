/* SPDX-License-Identifier: Apache-2.0 */
/* Creates more threads than any program needs. */
#include "hostile.h"

static void *idle(void *argument)
{
	return argument;
}

static void misbehave(void)
{
	pthread_t thread;

	for (int i = 0; i < 3000; i++)
		if (pthread_create(&thread, NULL, idle, NULL) != 0)
			exit(5);
}
