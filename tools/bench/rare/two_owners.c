/* SPDX-License-Identifier: Apache-2.0 */
/* Counts down under the lock, looks whether it was the last under the lock again. */
#include "rare.h"

static int owners = 2, freed;

static void release(void)
{
	pthread_mutex_lock(&lock);
	owners--;
	pthread_mutex_unlock(&lock);
	if (get(&owners) == 0) {
		pthread_mutex_lock(&lock);
		freed++;
		pthread_mutex_unlock(&lock);
	}
}

static void *now(void *unused)
{
	release();
	return unused;
}

static void *later(void *unused)
{
	work(500);
	release();
	return unused;
}

int main(void)
{
	run_two(now, later);
	return freed != 1;
}
