/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One permit, handed round. The path that finds the shop closed leaves without handing it back, and
 * nobody is told: a semaphore has no owner that could be asked.
 */
#include "jostle.h"

#include <errno.h>
#include <semaphore.h>
#include <stdatomic.h>

struct jostle_state {
	sem_t permit;
	atomic_int closed;
	int served;
};

static void customer(struct jostle_state *s)
{
	sem_wait(&s->permit); /* DEADLOCK: the permit left with the customer before */
	if (atomic_load(&s->closed))
		return;
	s->served++;
	sem_post(&s->permit);
}

static void customer_gives_back(struct jostle_state *s)
{
	sem_wait(&s->permit);
	if (!atomic_load(&s->closed))
		s->served++;
	sem_post(&s->permit);
}

static void close_shop(struct jostle_state *s)
{
	atomic_store(&s->closed, 1);
}

static int setup(struct jostle_state *s)
{
	return sem_init(&s->permit, 0, 1) ? errno : 0;
}

static void teardown(struct jostle_state *s)
{
	sem_destroy(&s->permit);
}

JOSTLE_CASE(broken) = {
	.title = "An early return keeps a semaphore's permit",
	.tags = "semaphore",
	.why = "One path takes a permit and does not give it back. The number of permits only "
	       "ever falls, until somebody waits for one that no longer exists.",
	.ref = "POSIX.1-2017, sem_wait() and sem_post(); CWE-772: Missing Release of Resource",
	.expect = JOSTLE_DEADLOCK,
	.cause = "semaphore",
	.setup = setup,
	.teardown = teardown,
	.threads = { { "close shop", close_shop },
		     { "customer 1", customer },
		     { "customer 2", customer } },
};

JOSTLE_CASE(fixed) = {
	.title = "Each path that took a permit gives it back",
	.tags = "semaphore",
	.why = "Take and give back stand in pairs in one function with one way out.",
	.ref = "POSIX.1-2017, sem_wait() and sem_post()",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.teardown = teardown,
	.threads = { { "close shop", close_shop },
		     { "customer 1", customer_gives_back },
		     { "customer 2", customer_gives_back } },
};
