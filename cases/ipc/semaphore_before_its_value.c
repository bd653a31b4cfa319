/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A System V semaphore is made by one call and gets its count by another. In between it exists, and
 * whoever finds it takes it for ready: one process gives a permit back, the maker then sets the
 * count to its first value, and the permit is gone.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "jostle.h"

#include <errno.h>
#include <stdio.h>
#include <sys/ipc.h>
#include <sys/sem.h>

struct jostle_state {
	int set; /* the id; made in setup as semget() makes it */
};

/* glibc has semctl() and leaves the argument's type to the program. */
union argument {
	int value;
};

static void change(struct jostle_state *s, short by)
{
	struct sembuf operation = { .sem_op = by };

	semop(s->set, &operation, 1);
}

static void maker_sets_value(struct jostle_state *s)
{
	const union argument first = { .value = 1 };

	semctl(s->set, 0, SETVAL, first); /* OUTCOME: what was given before is overwritten */
}

static void maker_gives_value(struct jostle_state *s)
{
	change(s, 1);
}

static void user(struct jostle_state *s)
{
	change(s, 1); /* SEE: a permit for somebody */
}

/* A new semaphore has the count 0. */
static int setup(struct jostle_state *s)
{
	s->set = semget(IPC_PRIVATE, 1, 0600);
	return s->set < 0 ? errno : 0;
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d permits", semctl(s->set, 0, GETVAL));
}

static void teardown(struct jostle_state *s)
{
	semctl(s->set, 0, IPC_RMID);
}

JOSTLE_CASE(broken) = {
	.title = "A semaphore gets its first count after another process has used it",
	.tags = "ipc semaphore order",
	.why = "SETVAL is an assignment and not an addition. Making and setting are two steps, "
	       "and a semaphore can be found between them.",
	.ref = "Stevens: Unix Network Programming 2, 2nd edition, 11.2: the race in initialization",
	.expect = JOSTLE_OUTCOME,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.processes = { { "maker", maker_sets_value }, { "user", user } },
	.outcomes = { { "2 permits", JOSTLE_ALLOWED, "set before it was used" },
		      { "1 permits", JOSTLE_FORBIDDEN, "a permit is lost" } },
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(broken_thread) = {
	.title = "A semaphore gets its first count after another thread has used it",
	.tags = "thread semaphore order",
	.why = "SETVAL is an assignment and not an addition, whoever comes before it.",
	.ref = "Stevens: Unix Network Programming 2, 2nd edition, 11.2: the race in initialization",
	.expect = JOSTLE_OUTCOME,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "maker", maker_sets_value }, { "user", user } },
	.outcomes = { { "2 permits", JOSTLE_ALLOWED, "set before it was used" },
		      { "1 permits", JOSTLE_FORBIDDEN, "a permit is lost" } },
};

JOSTLE_CASE(fixed) = {
	.title = "The first count is added to a semaphore that begins with 0",
	.tags = "ipc semaphore order",
	.why = "Linux makes a System V semaphore with the count 0, and an addition loses nothing. "
	       "Elsewhere, set it before anybody else can know of it.",
	.ref = "semget(2), NOTES: Linux initializes the semaphore values to 0",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.processes = { { "maker", maker_gives_value }, { "user", user } },
	.outcomes = { { "2 permits", JOSTLE_ALLOWED, "one of each" } },
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(fixed_thread) = {
	.title = "A thread adds the first count",
	.tags = "thread semaphore order",
	.why = "An addition loses nothing, in whatever order the two come.",
	.ref = "semget(2), NOTES: Linux initializes the semaphore values to 0",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "maker", maker_gives_value }, { "user", user } },
	.outcomes = { { "2 permits", JOSTLE_ALLOWED, "one of each" } },
};
