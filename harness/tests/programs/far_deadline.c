/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who waits until 2038 waits for ever as long as others get on: its time does not come before
 * theirs. "hour": one hour is not for ever, and this program ends with 1 in some schedules.
 * "alone": when nobody else is left it comes.
 */
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include "must.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static struct timespec deadline = { .tv_sec = INT32_MAX };
static int round_number, rounds = 20;

static void *work(void *unused)
{
	for (int i = 0; i < rounds; i++) {
		pthread_mutex_lock(&lock);
		round_number++;
		pthread_cond_signal(&changed);
		pthread_mutex_unlock(&lock);
	}
	return unused;
}

int main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "";
	const int wanted = strcmp(how, "alone") == 0 ? rounds + 1 : rounds;
	int result = 0;
	pthread_t thread;

	if (strcmp(how, "hour") == 0) {
		clock_gettime(CLOCK_REALTIME, &deadline);
		deadline.tv_sec += 3600;
	}
	must(pthread_create(&thread, NULL, work, NULL) == 0);
	pthread_mutex_lock(&lock);
	while (round_number < wanted && result == 0)
		result = pthread_cond_timedwait(&changed, &lock, &deadline);
	if (wanted > rounds)
		must(result == ETIMEDOUT && round_number == rounds);
	pthread_mutex_unlock(&lock);
	must(pthread_join(thread, NULL) == 0);
	return wanted == rounds && result != 0;
}
