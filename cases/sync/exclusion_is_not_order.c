/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mutual exclusion says: not at the same time. Synchronisation says: this first, then that. A mutex
 * gives the first and not the second; the guest who gets the lock before the cook eats from an
 * empty plate, without any data race.
 */
#include "jostle.h"

#include <stdio.h>

struct jostle_state {
	pthread_mutex_t lock;
	pthread_cond_t cooked;
	int plate; /* guarded by lock */
	int eaten; /* the guest's own, read after the join */
};

static void cook(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	s->plate = 1;
	pthread_cond_signal(&s->cooked);
	pthread_mutex_unlock(&s->lock);
}

static void guest(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	s->eaten = s->plate; /* OUTCOME: the cook may not have come yet */
	pthread_mutex_unlock(&s->lock);
}

static void guest_who_waits(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	while (!s->plate)
		pthread_cond_wait(&s->cooked, &s->lock);
	s->eaten = s->plate;
	pthread_mutex_unlock(&s->lock);
}

/* For threads and for processes. */
static int init_lock(pthread_mutex_t *lock)
{
	pthread_mutexattr_t shared;
	int error = pthread_mutexattr_init(&shared);

	if (error)
		return error;
	pthread_mutexattr_setpshared(&shared, PTHREAD_PROCESS_SHARED);
	error = pthread_mutex_init(lock, &shared);
	pthread_mutexattr_destroy(&shared);
	return error;
}

static int init_condition(pthread_cond_t *condition)
{
	pthread_condattr_t shared;
	int error = pthread_condattr_init(&shared);

	if (error)
		return error;
	pthread_condattr_setpshared(&shared, PTHREAD_PROCESS_SHARED);
	error = pthread_cond_init(condition, &shared);
	pthread_condattr_destroy(&shared);
	return error;
}

static int setup(struct jostle_state *s)
{
	int error = init_lock(&s->lock);

	return error ? error : init_condition(&s->cooked);
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%s", s->eaten ? "fed" : "hungry");
}

static void teardown(struct jostle_state *s)
{
	pthread_cond_destroy(&s->cooked);
	pthread_mutex_destroy(&s->lock);
}

JOSTLE_CASE(broken) = {
	.title = "A mutex where an order was meant",
	.tags = "synchronisation mutex order",
	.why = "Both accesses are locked, and no race detector complains. The lock lets either "
	       "come first, and the guest needs the cook to be first.",
	.ref = "Andrews, Schneider: Concepts and Notations for Concurrent Programming, ACM "
	       "Computing Surveys 15(1), 1983: mutual exclusion and condition synchronization",
	.expect = JOSTLE_OUTCOME,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "cook", cook }, { "guest", guest } },
	.outcomes = { { "fed", JOSTLE_ALLOWED, "the cook was first" },
		      { "hungry", JOSTLE_FORBIDDEN, "the guest was first" } },
};

JOSTLE_CASE(broken_process) = {
	.title = "A mutex between processes where an order was meant",
	.tags = "process synchronisation mutex order",
	.why = "A process-shared mutex excludes; it lets either process come first.",
	.ref = "Andrews, Schneider: Concepts and Notations for Concurrent Programming, ACM "
	       "Computing Surveys 15(1), 1983: mutual exclusion and condition synchronization",
	.expect = JOSTLE_OUTCOME,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.processes = { { "cook", cook }, { "guest", guest } },
	.outcomes = { { "fed", JOSTLE_ALLOWED, "the cook was first" },
		      { "hungry", JOSTLE_FORBIDDEN, "the guest was first" } },
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(fixed) = {
	.title = "The lock for exclusion, and a condition for the order",
	.tags = "synchronisation mutex condition order",
	.why = "The guest waits until there is something on the plate. The mutex is still needed: "
	       "it protects the plate while it is looked at.",
	.ref = "Andrews, Schneider: Concepts and Notations for Concurrent Programming, ACM "
	       "Computing Surveys 15(1), 1983: mutual exclusion and condition synchronization",
	.expect = JOSTLE_PASS,
	.opt_in = JOSTLE_SPURIOUS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "cook", cook }, { "guest", guest_who_waits } },
	.outcomes = { { "fed", JOSTLE_ALLOWED, "the guest waited for the cook" } },
};

JOSTLE_CASE(fixed_process) = {
	.title = "The process that eats waits for the one that cooks",
	.tags = "process synchronisation mutex condition order",
	.why = "The guest waits on a process-shared condition until there is something on the "
	       "plate.",
	.ref = "Andrews, Schneider: Concepts and Notations for Concurrent Programming, ACM "
	       "Computing Surveys 15(1), 1983: mutual exclusion and condition synchronization",
	.expect = JOSTLE_PASS,
	.opt_in = JOSTLE_SPURIOUS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.processes = { { "cook", cook }, { "guest", guest_who_waits } },
	.outcomes = { { "fed", JOSTLE_ALLOWED, "the guest waited for the cook" } },
	.schedules = 1000, /* each forks */
};
