/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: race read-write
 * BUILD: jostle cc
 * Main looks at the result before it has joined who writes it. */
#include <pthread.h>
#include <stddef.h>

static int result;
static volatile int seen;

static void *compute(void *argument)
{
	result = 42;
	return argument;
}

int main(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, compute, NULL);
	if (!FIXED)
		seen = result;
	pthread_join(thread, NULL);
	if (FIXED)
		seen = result;
	return 0;
}
