/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A semaphore says "the plate is on the counter". The cook posts it, and then puts the plate there.
 */
#include "jostle.h"

#include <errno.h>
#include <semaphore.h>
#include <stdio.h>

struct jostle_state {
	sem_t ready;
	int plate, served;
};

static void cook(struct jostle_state *s)
{
	sem_post(&s->ready);
	s->plate = 1; /* RACE: after it was announced */
}

static void serve(struct jostle_state *s)
{
	while (sem_wait(&s->ready))
		;
	s->served = s->plate; /* RACE: announced, and perhaps not there */
}

static void cook_first(struct jostle_state *s)
{
	s->plate = 1;
	sem_post(&s->ready);
}

static int setup(struct jostle_state *s)
{
	return sem_init(&s->ready, 0, 0) ? errno : 0;
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d", s->served);
}

static void teardown(struct jostle_state *s)
{
	sem_destroy(&s->ready);
}

JOSTLE_CASE(broken) = {
	.title = "A semaphore is posted before what it announces is done",
	.tags = "semaphore event",
	.why = "A post hands over what was written before it. The two lines are the right ones "
	       "in the wrong order.",
	.ref = "POSIX.1-2017, sem_post(); 4.12 Memory Synchronization",
	.expect = JOSTLE_RACE,
	.also = JOSTLE_ALSO(JOSTLE_OUTCOME),
	.needs = JOSTLE_NEEDS_ACCESSES,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "cook", cook }, { "serve", serve } },
	.outcomes = { { "1", JOSTLE_ALLOWED, "the plate was served" },
		      { "0", JOSTLE_FORBIDDEN, "an empty counter was served" } },
};

JOSTLE_CASE(fixed) = {
	.title = "First the plate, then the post",
	.tags = "semaphore event",
	.why = "Whoever's wait was let through by the post finds what was written before it.",
	.ref = "POSIX.1-2017, sem_post(); 4.12 Memory Synchronization",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "cook", cook_first }, { "serve", serve } },
	.outcomes = { { "1", JOSTLE_ALLOWED, "the plate was served" } },
};
