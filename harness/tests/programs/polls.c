/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who asks each second whether another is ready, and gives up after as many times as the first
 * argument says; 0: who waits for the other's end. The other works as many steps as the second one
 * says before it is.
 */
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "must.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER, own = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static bool ready;

static void *work(void *arg)
{
	for (int i = 0; i < *(int *)arg / 2; i++) {
		pthread_mutex_lock(&own);
		pthread_mutex_unlock(&own);
	}
	pthread_mutex_lock(&lock);
	ready = true;
	pthread_cond_signal(&changed);
	pthread_mutex_unlock(&lock);
	return NULL;
}

int main(int argc, char **argv)
{
	int polls, steps;
	pthread_t worker;

	must(argc == 3);
	polls = atoi(argv[1]);
	steps = atoi(argv[2]);
	must(pthread_create(&worker, NULL, work, &steps) == 0);
	if (polls == 0)
		return pthread_join(worker, NULL);
	pthread_mutex_lock(&lock);
	for (int i = 0; !ready && i < polls; i++) {
		struct timespec until;

		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_sec++;
		pthread_cond_timedwait(&changed, &lock, &until);
	}
	if (!ready)
		puts("gave up");
	polls = ready ? 0 : 19;
	pthread_mutex_unlock(&lock);
	must(pthread_join(worker, NULL) == 0);
	return polls;
}
