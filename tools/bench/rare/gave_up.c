/* SPDX-License-Identifier: Apache-2.0 */
/* Drops the message when somebody happens to have the lock, which is hardly ever. */
#include "rare.h"

static int messages;

static void *owner(void *unused)
{
	pthread_mutex_lock(&lock);
	messages++;
	pthread_mutex_unlock(&lock);
	return unused;
}

static void *sender(void *unused)
{
	work(500);
	if (pthread_mutex_trylock(&lock) == 0) {
		messages++;
		pthread_mutex_unlock(&lock);
	}
	return unused;
}

int main(void)
{
	run_two(owner, sender);
	return messages != 2;
}
