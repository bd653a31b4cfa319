/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two counters sell tickets. Each looks how many are left and sells one, without a lock: when both
 * look before either sells, one ticket is sold twice. The window is a few instructions wide, so
 * nearly all ordinary runs end well.
 *
 * usage: tickets		status 0, or abort() when tickets were sold twice
 */
#include <assert.h>
#include <pthread.h>
#include <stddef.h>

#define TICKETS 6

static int left = TICKETS;
static int sold;
static pthread_mutex_t sold_lock = PTHREAD_MUTEX_INITIALIZER;

static void *sell(void *arg)
{
	while (left > 0) {
		left = left - 1; /* by now the other counter may have sold it */
		pthread_mutex_lock(&sold_lock);
		sold++;
		pthread_mutex_unlock(&sold_lock);
	}
	return arg;
}

int main(void)
{
	pthread_t counters[2];

	for (int i = 0; i < 2; i++)
		pthread_create(&counters[i], NULL, sell, NULL);
	for (int i = 0; i < 2; i++)
		pthread_join(counters[i], NULL);
	assert(sold == TICKETS);
	return 0;
}
