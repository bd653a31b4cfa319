/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: misuse uninitialised
 * A zeroed barrier is none. */
#include <pthread.h>
#include <stddef.h>

static pthread_barrier_t gate;

int main(void)
{
	if (FIXED)
		pthread_barrier_init(&gate, NULL, 1);
	pthread_barrier_wait(&gate);
	return 0;
}
