/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sem_getvalue() tells how many permits there were. Two visitors each see the one free seat, and
 * both sit down to wait for it: the slower one waits although it only meant to come in if it need
 * not wait. Asking and taking must be one call.
 */
#include "jostle.h"

#include <errno.h>
#include <semaphore.h>

struct jostle_state {
	sem_t seats;
};

static void visit_if_free(struct jostle_state *s)
{
	int free_seats = 0;

	sem_getvalue(&s->seats, &free_seats);
	if (free_seats > 0)
		sem_wait(&s->seats); /* DEADLOCK: the seat that was seen is taken */
}

static void visit_if_taken(struct jostle_state *s)
{
	sem_trywait(&s->seats);
}

static int setup(struct jostle_state *s)
{
	return sem_init(&s->seats, 0, 1) ? errno : 0;
}

static void teardown(struct jostle_state *s)
{
	sem_destroy(&s->seats);
}

JOSTLE_CASE(broken) = {
	.title = "A semaphore's value is asked first, and then waited for",
	.tags = "semaphore check-then-act",
	.why = "The value is out of date when it is returned. Between the question and the wait "
	       "the other visitor takes the only seat, and nobody gives it back.",
	.ref = "POSIX.1-2017, sem_getvalue(): a value at some unspecified time during the call",
	.expect = JOSTLE_DEADLOCK,
	.cause = "semaphore",
	.setup = setup, /* no teardown: somebody may still wait */
	.threads = { { "visitor 1", visit_if_free }, { "visitor 2", visit_if_free } },
};

JOSTLE_CASE(fixed) = {
	.title = "sem_trywait() asks and takes at once",
	.tags = "semaphore check-then-act",
	.why = "It takes a permit if there is one and says so if there is none; nobody comes "
	       "between.",
	.ref = "POSIX.1-2017, sem_trywait()",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.teardown = teardown,
	.threads = { { "visitor 1", visit_if_taken }, { "visitor 2", visit_if_taken } },
};
