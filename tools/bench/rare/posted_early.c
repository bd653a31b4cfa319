/* SPDX-License-Identifier: Apache-2.0 */
/* Posts that the result is there, and stores it then. */
#include "rare.h"

#include <semaphore.h>

static sem_t finished;
static int result, seen;

static void *producer(void *unused)
{
	sem_post(&finished);
	set(&result, 5);
	return unused;
}

static void *consumer(void *unused)
{
	work(3000);
	sem_wait(&finished);
	seen = get(&result);
	return unused;
}

int main(void)
{
	sem_init(&finished, 0, 0);
	run_two(producer, consumer);
	return seen != 5;
}
