/* SPDX-License-Identifier: Apache-2.0 */
/*
 * map() gives each argument to some worker and returns the results in the order of the arguments.
 * The workers here are processes, whose results come through one pipe. The parent takes the first
 * that comes for the first argument's.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "jostle.h"

#include <errno.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#define ITEMS 2

static const int arguments[ITEMS] = { 2, 3 };

struct message {
	int index, result;
};

struct jostle_state {
	int ends[2]; /* a pipe of messages, each written at once */
	int results[ITEMS];
};

/* In the child, which has the index as its argument. */
static void work(struct jostle_state *s, int index)
{
	struct message message = { index, arguments[index] * arguments[index] };

	if (write(s->ends[1], &message, sizeof(message)) != sizeof(message))
		_exit(1);
	_exit(0);
}

static void start(struct jostle_state *s)
{
	for (int i = 0; i < ITEMS; i++)
		if (fork() == 0)
			work(s, i);
}

static void map_by_time(struct jostle_state *s)
{
	struct message message;

	start(s);
	for (int i = 0; i < ITEMS; i++)
		if (read(s->ends[0], &message, sizeof(message)) == sizeof(message))
			s->results[i] = message.result; /* OUTCOME: its place is its time */
	for (int i = 0; i < ITEMS; i++)
		wait(NULL);
}

static void map_by_index(struct jostle_state *s)
{
	struct message message;

	start(s);
	for (int i = 0; i < ITEMS; i++)
		if (read(s->ends[0], &message, sizeof(message)) == sizeof(message))
			s->results[message.index] = message.result;
	for (int i = 0; i < ITEMS; i++)
		wait(NULL);
}

static int setup(struct jostle_state *s)
{
	return pipe(s->ends) ? errno : 0;
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d %d", s->results[0], s->results[1]);
}

static void teardown(struct jostle_state *s)
{
	close(s->ends[0]);
	close(s->ends[1]);
}

JOSTLE_CASE(broken) = {
	.title = "The results of a pool of processes stand in the order in which they came",
	.tags = "process pool map order pipe",
	.why = "A pipe keeps the order in which it was written, and that is the order in which the "
	       "workers were done. Started first does not mean done first.",
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
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(fixed) = {
	.title = "A message carries the index of its argument",
	.tags = "process pool map order pipe",
	.why = "What belongs together travels in one message of at most PIPE_BUF bytes, which is "
	       "never torn.",
	.ref = "Dean, Ghemawat: MapReduce: Simplified Data Processing on Large Clusters, OSDI "
	       "2004: "
	       "results carry their key; pipe(7): PIPE_BUF",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.body = map_by_index,
	.outcomes = { { "4 9", JOSTLE_ALLOWED, "the squares of 2 and 3" } },
	.schedules = 1000, /* each forks */
};
