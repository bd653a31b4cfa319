/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A named semaphore counts the free seats. Two processes ask for its value, each sees the one that
 * is free, and both go and wait for it. The second waits although it asked, because nobody gives a
 * seat back. sem_trywait() asks and takes in one step.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "jostle.h"

#include <errno.h>
#include <fcntl.h>
#include <semaphore.h>
#include <stdio.h>

#define NAME "/jostle_seats"

struct jostle_state {
	sem_t *seats;
	int seated[2]; /* each visitor's own */
};

static int sit_if_free(struct jostle_state *s)
{
	int free_seats = 0;

	sem_getvalue(s->seats, &free_seats);
	if (free_seats <= 0)
		return 0;
	return sem_wait(s->seats) == 0; /* DEADLOCK: the seat that was seen is taken */
}

static int try_to_sit(struct jostle_state *s)
{
	return sem_trywait(s->seats) == 0;
}

static void visitor_1(struct jostle_state *s)
{
	s->seated[0] = sit_if_free(s);
}

static void visitor_2(struct jostle_state *s)
{
	s->seated[1] = sit_if_free(s);
}

static void trying_visitor_1(struct jostle_state *s)
{
	s->seated[0] = try_to_sit(s);
}

static void trying_visitor_2(struct jostle_state *s)
{
	s->seated[1] = try_to_sit(s);
}

static int setup(struct jostle_state *s)
{
	s->seats = sem_open(NAME, O_CREAT | O_EXCL, 0600, 1);
	if (s->seats == SEM_FAILED)
		return errno;
	return sem_unlink(NAME) ? errno : 0; /* the mapping keeps it */
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d seated", s->seated[0] + s->seated[1]);
}

static void teardown(struct jostle_state *s)
{
	sem_close(s->seats);
}

JOSTLE_CASE(broken) = {
	.title = "Two processes ask for a named semaphore's value, and then wait for it",
	.tags = "ipc semaphore check-then-act",
	.why = "The value is that of some moment during the call. Between the question and the "
	       "wait the other process takes the seat.",
	.ref = "POSIX.1-2017, sem_getvalue(): a value at some unspecified time during the call",
	.expect = JOSTLE_DEADLOCK,
	.cause = "semaphore",
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.processes = { { "visitor 1", visitor_1 }, { "visitor 2", visitor_2 } },
	.outcomes = { { "1 seated", JOSTLE_ALLOWED, "the other saw that no seat is free" } },
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(fixed) = {
	.title = "sem_trywait() on a named semaphore asks and takes at once",
	.tags = "ipc semaphore check-then-act",
	.why = "It takes a permit if there is one and says so if there is none.",
	.ref = "POSIX.1-2017, sem_trywait()",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.processes = { { "visitor 1", trying_visitor_1 }, { "visitor 2", trying_visitor_2 } },
	.outcomes = { { "1 seated", JOSTLE_ALLOWED, "the other was told" } },
	.schedules = 1000, /* each forks */
};
