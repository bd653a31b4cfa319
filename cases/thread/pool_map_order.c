/* SPDX-License-Identifier: Apache-2.0 */
/*
 * map() gives each argument to some worker and returns the results in the order of the arguments.
 * This one appends each result when it is there, in the order in which the workers are done. With
 * one worker that is the same.
 */
#include "jostle.h"

#include <stdio.h>

#define WORKERS 2
#define ITEMS   2

static const int arguments[ITEMS] = { 2, 3 };

struct jostle_state {
	pthread_mutex_t lock;
	int next;           /* guarded by lock: the first argument that nobody has taken */
	int count;          /* guarded by lock: of results */
	int results[ITEMS]; /* guarded by lock */
};

/* Returns the argument's index, or ITEMS when all are taken. */
static int take(struct jostle_state *s)
{
	int index;

	pthread_mutex_lock(&s->lock);
	index = s->next;
	if (s->next < ITEMS)
		s->next++;
	pthread_mutex_unlock(&s->lock);
	return index;
}

static void append(struct jostle_state *s, int result)
{
	pthread_mutex_lock(&s->lock);
	s->results[s->count++] = result; /* OUTCOME: its place is its time */
	pthread_mutex_unlock(&s->lock);
}

static void put(struct jostle_state *s, int index, int result)
{
	pthread_mutex_lock(&s->lock);
	s->results[index] = result;
	s->count++;
	pthread_mutex_unlock(&s->lock);
}

static void *worker_that_appends(void *arg)
{
	struct jostle_state *s = arg;
	int i;

	while ((i = take(s)) < ITEMS)
		append(s, arguments[i] * arguments[i]);
	return NULL;
}

static void *worker_that_puts(void *arg)
{
	struct jostle_state *s = arg;
	int i;

	while ((i = take(s)) < ITEMS)
		put(s, i, arguments[i] * arguments[i]);
	return NULL;
}

static void map(struct jostle_state *s, void *(*run)(void *))
{
	pthread_t workers[WORKERS];

	for (int i = 0; i < WORKERS; i++)
		pthread_create(&workers[i], NULL, run, s);
	for (int i = 0; i < WORKERS; i++)
		pthread_join(workers[i], NULL);
}

static void map_by_time(struct jostle_state *s)
{
	map(s, worker_that_appends);
}

static void map_by_index(struct jostle_state *s)
{
	map(s, worker_that_puts);
}

static int setup(struct jostle_state *s)
{
	return pthread_mutex_init(&s->lock, NULL);
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d %d", s->results[0], s->results[1]);
}

static void teardown(struct jostle_state *s)
{
	pthread_mutex_destroy(&s->lock);
}

JOSTLE_CASE(broken) = {
	.title = "The results of a pool's map stand in the order in which they came",
	.tags = "pool map order",
	.why = "Taken in order does not mean done in order. Everything is locked, nothing is lost, "
	       "and each result belongs to another argument.",
	.ref = "Dean, Ghemawat: MapReduce: Simplified Data Processing on Large Clusters, OSDI "
	       "2004: "
	       "results carry their key",
	.expect = JOSTLE_OUTCOME,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.body = map_by_time,
	.outcomes = { { "4 9", JOSTLE_ALLOWED, "the squares of 2 and 3" },
		      { "9 4", JOSTLE_FORBIDDEN, "those of 3 and 2" } },
};

JOSTLE_CASE(fixed) = {
	.title = "A job carries its index, and its result goes there",
	.tags = "pool map order",
	.why = "Then it does not matter who is done when. As long as the slots differ and main "
	       "joins before it reads, the slots need no lock.",
	.ref = "Dean, Ghemawat: MapReduce: Simplified Data Processing on Large Clusters, OSDI "
	       "2004: "
	       "results carry their key",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.body = map_by_index,
	.outcomes = { { "4 9", JOSTLE_ALLOWED, "the squares of 2 and 3" } },
};
