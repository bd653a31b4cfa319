/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: misuse no-such-thread
 * A thread is cancelled after it was joined. */
#include <pthread.h>
#include <stddef.h>

static void *worker(void *unused)
{
	return unused;
}

int main(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, worker, NULL);
	if (FIXED)
		pthread_cancel(thread);
	pthread_join(thread, NULL);
	if (!FIXED)
		pthread_cancel(thread);
	return 0;
}
