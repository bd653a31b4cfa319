/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "As many as you like" was written as SEM_VALUE_MAX permits. Then somebody gives one back that
 * nobody took. The value cannot grow, sem_post() fails, and nobody looks at what it returns.
 */
#include "jostle.h"

#include <errno.h>
#include <limits.h>
#include <semaphore.h>

#ifndef SEM_VALUE_MAX
#define SEM_VALUE_MAX INT_MAX
#endif

struct jostle_state {
	sem_t permits;
};

static void give_back_first(struct jostle_state *s)
{
	sem_post(&s->permits); /* MISUSE: more than were handed out */
	sem_wait(&s->permits);
}

static void take_first(struct jostle_state *s)
{
	sem_wait(&s->permits);
	sem_post(&s->permits); /* MISUSE: no room for it, when the other post came between */
}

static int setup(struct jostle_state *s)
{
	return sem_init(&s->permits, 0, SEM_VALUE_MAX) ? errno : 0;
}

static void teardown(struct jostle_state *s)
{
	sem_destroy(&s->permits);
}

JOSTLE_CASE(broken) = {
	.title = "A semaphore is posted beyond its largest value",
	.tags = "semaphore",
	.why = "Each post without a wait adds a permit for ever. At the limit sem_post() returns "
	       "EOVERFLOW and the wake-up that it should have been is lost.",
	.ref = "sem_post(3): EOVERFLOW",
	.expect = JOSTLE_MISUSE,
	.cause = "semaphore-overflow",
	.setup = setup,
	.teardown = teardown,
	.threads = { { "user 1", give_back_first }, { "user 2", take_first } },
};

JOSTLE_CASE(fixed) = {
	.title = "Each post follows a wait",
	.tags = "semaphore",
	.why = "What is given back was taken before, so that the value never passes its start.",
	.ref = "sem_post(3)",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.teardown = teardown,
	.threads = { { "user 1", take_first }, { "user 2", take_first } },
};
