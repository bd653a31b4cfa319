/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: misuse join-self
 * ALSO: misuse join-twice
 * A thread of a pool that ends the pool joins all of it, itself too. */
#include <pthread.h>
#include <stddef.h>

static pthread_t thread;
static pthread_barrier_t gate;

static void stop(void)
{
	if (!FIXED || !pthread_equal(pthread_self(), thread))
		pthread_join(thread, NULL);
}

static void *worker(void *unused)
{
	pthread_barrier_wait(&gate);
	stop();
	return unused;
}

int main(void)
{
	pthread_barrier_init(&gate, NULL, 2);
	pthread_create(&thread, NULL, worker, NULL);
	pthread_barrier_wait(&gate);
	pthread_join(thread, NULL);
	return 0;
}
