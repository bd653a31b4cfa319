/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: assert -
 * The result is looked at before it is there. */
#include <assert.h>
#include <pthread.h>
#include <stddef.h>

static int result;

static void *worker(void *unused)
{
	result = 1;
	return unused;
}

int main(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, worker, NULL);
	if (FIXED)
		pthread_join(thread, NULL);
	assert(result == 1);
	if (!FIXED)
		pthread_join(thread, NULL);
	return 0;
}
