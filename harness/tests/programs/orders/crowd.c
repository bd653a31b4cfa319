/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ninety-nine clerks take an order and ship it, one auditor looks at both. Arguments: "one", and
 * the auditor sees that no clerk is half done unless it comes right behind the first; "all", and it
 * sees that not all are at once; then "fixed", and it looks while no clerk can go on.
 */
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "../must.h"

#define CLERKS 99

static pthread_mutex_t orders = PTHREAD_MUTEX_INITIALIZER, shipping = PTHREAD_MUTEX_INITIALIZER,
		       whole = PTHREAD_MUTEX_INITIALIZER;
static int ordered, shipped;
static bool all, fixed;

static void hold(pthread_mutex_t *mutex)
{
	must(pthread_mutex_lock(mutex) == 0);
}

static void leave(pthread_mutex_t *mutex)
{
	must(pthread_mutex_unlock(mutex) == 0);
}

static void *clerk(void *unused)
{
	if (fixed)
		hold(&whole);
	hold(&orders);
	ordered++;
	leave(&orders);
	hold(&shipping);
	shipped++;
	leave(&shipping);
	if (fixed)
		leave(&whole);
	return unused;
}

static void *auditor(void *unused)
{
	int taken, sent;

	if (fixed)
		hold(&whole);
	hold(&orders);
	taken = ordered;
	hold(&shipping);
	sent = shipped;
	leave(&shipping);
	leave(&orders);
	if (fixed)
		leave(&whole);
	must(all ? taken < CLERKS || sent > 0 : taken == 0 || sent > 0);
	return unused;
}

int main(int argc, char **argv)
{
	pthread_t threads[CLERKS + 1];

	all = argc > 1 && strcmp(argv[1], "all") == 0;
	fixed = argc > 2;
	for (int i = 0; i <= CLERKS; i++)
		must(pthread_create(&threads[i], NULL, i < CLERKS ? clerk : auditor, NULL) == 0);
	for (int i = 0; i <= CLERKS; i++)
		must(pthread_join(threads[i], NULL) == 0);
	return 0;
}
