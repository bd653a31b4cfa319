/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Threads are started in a loop, and each is told its number by the address of the loop variable.
 * All get the same address. By the time a thread looks, the loop may be two numbers further.
 */
#include "jostle.h"

#include <stdatomic.h>
#include <stdio.h>

#define WORKERS 2

struct jostle_state {
	atomic_int sum; /* of the numbers that the threads got */
};

static struct jostle_state *shared;

static void *worker(void *arg)
{
	int number = *(int *)arg; /* RACE: the loop goes on meanwhile */

	atomic_fetch_add(&shared->sum, number);
	return NULL;
}

static void start_workers(struct jostle_state *s)
{
	pthread_t threads[WORKERS];
	int i;

	shared = s;
	for (i = 0; i < WORKERS; i++) /* RACE: counts on in the variable that all threads read */
		pthread_create(&threads[i], NULL, worker, &i);
	for (int j = 0; j < WORKERS; j++)
		pthread_join(threads[j], NULL);
}

static void start_workers_numbered(struct jostle_state *s)
{
	pthread_t threads[WORKERS];
	int numbers[WORKERS];

	shared = s;
	for (int i = 0; i < WORKERS; i++) {
		numbers[i] = i;
		pthread_create(&threads[i], NULL, worker, &numbers[i]);
	}
	for (int i = 0; i < WORKERS; i++)
		pthread_join(threads[i], NULL);
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d", atomic_load(&s->sum));
}

JOSTLE_CASE(broken) = {
	.title = "Every thread gets the address of the same loop variable",
	.tags = "create argument",
	.why = "pthread_create() passes a pointer, not what it points to, and does not wait "
	       "until the new thread has looked.",
	.ref = "POSIX.1-2017, pthread_create()",
	.expect = JOSTLE_RACE,
	.also = JOSTLE_ALSO(JOSTLE_OUTCOME),
	.needs = JOSTLE_NEEDS_ACCESSES,
	.body = start_workers,
	.observe = observe,
	.outcomes = { { "1", JOSTLE_ALLOWED, "0 and 1, by luck" },
		      { "2", JOSTLE_FORBIDDEN, "1 and 1, or 0 and 2" },
		      { "3", JOSTLE_FORBIDDEN, "1 and 2" },
		      { "4", JOSTLE_FORBIDDEN, "2 and 2: the loop had ended" } },
};

JOSTLE_CASE(fixed) = {
	.title = "Every thread gets the address of its own number",
	.tags = "create argument",
	.why = "Each element is written once, before its thread is created, and lives until "
	       "the thread is joined.",
	.ref = "POSIX.1-2017, pthread_create()",
	.expect = JOSTLE_PASS,
	.body = start_workers_numbered,
	.observe = observe,
	.outcomes = { { "1", JOSTLE_ALLOWED, "0 and 1" } },
};
