/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The twin of the first lesson, with processes: the balance lies in shared memory and its mutex is
 * shared between processes, too. What is read in one critical section and written in the next is
 * overwritten by another process just as by another thread.
 */
#include "jostle.h"

#include <stdio.h>

struct jostle_state {
	pthread_mutex_t lock; /* PTHREAD_PROCESS_SHARED */
	long balance;         /* guarded by lock */
};

static void add_in_two_steps(struct jostle_state *s, long amount)
{
	long seen;

	pthread_mutex_lock(&s->lock);
	seen = s->balance;
	pthread_mutex_unlock(&s->lock);
	pthread_mutex_lock(&s->lock);
	s->balance = seen + amount; /* OUTCOME: what was seen may be out of date */
	pthread_mutex_unlock(&s->lock);
}

static void add(struct jostle_state *s, long amount)
{
	pthread_mutex_lock(&s->lock);
	s->balance += amount;
	pthread_mutex_unlock(&s->lock);
}

static void deposit_in_two_steps(struct jostle_state *s)
{
	add_in_two_steps(s, 10);
}

static void withdraw_in_two_steps(struct jostle_state *s)
{
	add_in_two_steps(s, -20);
}

static void deposit(struct jostle_state *s)
{
	add(s, 10);
}

static void withdraw(struct jostle_state *s)
{
	add(s, -20);
}

static int setup(struct jostle_state *s)
{
	pthread_mutexattr_t attributes;
	int error = pthread_mutexattr_init(&attributes);

	if (error)
		return error;
	s->balance = 100;
	pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
	error = pthread_mutex_init(&s->lock, &attributes);
	pthread_mutexattr_destroy(&attributes);
	return error;
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%ld", s->balance);
}

static void teardown(struct jostle_state *s)
{
	pthread_mutex_destroy(&s->lock);
}

JOSTLE_CASE(broken) = {
	.title = "Two processes change a shared value in two steps each",
	.tags = "process shared-memory atomicity",
	.why = "Shared memory has no owner. The lock is held for the read and for the write, and "
	       "not between them.",
	.ref = "POSIX.1-2017, pthread_mutexattr_setpshared()",
	.expect = JOSTLE_OUTCOME,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.processes = { { "deposit", deposit_in_two_steps }, { "withdraw", withdraw_in_two_steps } },
	.outcomes = { { "90", JOSTLE_ALLOWED, "both applied" },
		      { "110", JOSTLE_FORBIDDEN, "the withdrawal is lost" },
		      { "80", JOSTLE_FORBIDDEN, "the deposit is lost" } },
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(fixed) = {
	.title = "Two processes change a shared value in one critical section each",
	.tags = "process shared-memory atomicity",
	.why = "A process-shared mutex excludes the threads of all processes that map it.",
	.ref = "POSIX.1-2017, pthread_mutexattr_setpshared()",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.processes = { { "deposit", deposit }, { "withdraw", withdraw } },
	.outcomes = { { "90", JOSTLE_ALLOWED, "both applied" } },
	.schedules = 1000, /* each forks */
};
