/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: race access-free
 * ALSO: lifetime use-after-free
 * BUILD: jostle cc
 * Main frees the block that a thread may still be writing to. */
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>

static void *fill(void *argument)
{
	int *block = argument;

	block[0] = 1;
	return NULL;
}

int main(void)
{
	int *block = calloc(4, sizeof(*block));
	pthread_t thread;

	pthread_create(&thread, NULL, fill, block);
	if (!FIXED)
		free(block);
	pthread_join(thread, NULL);
	if (FIXED)
		free(block);
	return 0;
}
