/* SPDX-License-Identifier: Apache-2.0 */
/* Tests the flag, lets the lock go, and waits without testing again. */
#include "rare.h"

static pthread_cond_t bell = PTHREAD_COND_INITIALIZER;
static int ready;

static void *waiter(void *unused)
{
	if (!get(&ready)) {
		pthread_mutex_lock(&lock);
		pthread_cond_wait(&bell, &lock);
		pthread_mutex_unlock(&lock);
	}
	return unused;
}

static void *setter(void *unused)
{
	work(500);
	pthread_mutex_lock(&lock);
	ready = 1;
	pthread_cond_signal(&bell);
	pthread_mutex_unlock(&lock);
	return unused;
}

int main(void)
{
	run_two(waiter, setter);
	return 0;
}
