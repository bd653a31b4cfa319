/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Accesses that are seen, ordered by a library whose accesses are not. Argument: lock, take, meet,
 * or one of them and "broken": then two locks guard one number, something is counted right behind
 * the lock, or one of two meetings is left out.
 */
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "../must.h"
#include "orders.h"

static int locks[2];
static int number, boxes[2], sums[2];
static bool broken;

static void *raise_number(void *which)
{
	int *lock = &locks[broken && which];

	for (int i = 0; i < 2; i++) {
		orders_lock(lock);
		number++;
		orders_unlock(lock);
	}
	return NULL;
}

/* Others find the lock taken, again and again; not so when broken: who comes next comes after all,
 * up to what is counted. */
static void *raise_slowly(void *unused)
{
	for (int i = 0; i < 2; i++) {
		orders_take(&locks[0]);
		number++;
		if (!broken)
			sched_yield();
		number++;
		orders_give(&locks[0]);
	}
	if (broken)
		sums[0]++;
	return unused;
}

static void *trade(void *which)
{
	const int me = which != NULL;

	for (int i = 1; i <= 2; i++) {
		boxes[me] = i;
		orders_meet(2);
		sums[me] += boxes[!me];
		if (!broken)
			orders_meet(2);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "lock";
	const bool trades = strcmp(how, "meet") == 0, slowly = strcmp(how, "take") == 0;
	void *(*body)(void *) = trades ? trade : slowly ? raise_slowly : raise_number;
	pthread_t threads[2];

	broken = argc > 2;
	for (int i = 0; i < 2; i++)
		must(pthread_create(&threads[i], NULL, body, i ? &number : NULL) == 0);
	for (int i = 0; i < 2; i++)
		must(pthread_join(threads[i], NULL) == 0);
	if (!broken)
		must(trades ? sums[0] + sums[1] == 6 : number == (slowly ? 8 : 4));
	return 0;
}
