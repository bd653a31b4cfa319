/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A wait with a timeout ends for two reasons: the event is set, or the time is up. Whoever does not
 * look at what it returned takes the second for the first, and eats what is not cooked.
 */
#include "jostle.h"

#include <stdio.h>
#include <time.h>

struct jostle_state {
	pthread_mutex_t lock; /* this and changed: between processes */
	pthread_cond_t changed;
	int is_set; /* guarded by lock */
	int cooked; /* guarded by lock */
	int eaten;  /* the guest's own */
};

static void event_set(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	s->is_set = 1;
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
}

/* Whether the event was set within a second. */
static int event_wait_a_second(struct jostle_state *s)
{
	struct timespec until;
	int error = 0, is_set;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec++;
	pthread_mutex_lock(&s->lock);
	while (!s->is_set && !error)
		error = pthread_cond_timedwait(&s->changed, &s->lock, &until);
	is_set = s->is_set;
	pthread_mutex_unlock(&s->lock);
	return is_set;
}

static int look(struct jostle_state *s)
{
	int cooked;

	pthread_mutex_lock(&s->lock);
	cooked = s->cooked;
	pthread_mutex_unlock(&s->lock);
	return cooked;
}

static void guest_who_eats_anyway(struct jostle_state *s)
{
	event_wait_a_second(s);
	s->eaten = look(s) ? 1 : -1; /* OUTCOME: the time may be up instead */
}

static void guest_who_looks(struct jostle_state *s)
{
	while (!event_wait_a_second(s))
		; /* complain, and go on waiting */
	s->eaten = look(s) ? 1 : -1;
}

static void cook(struct jostle_state *s)
{
	const struct timespec half_a_second = { 0, 500000000 };

	nanosleep(&half_a_second, NULL);
	pthread_mutex_lock(&s->lock);
	s->cooked = 1;
	pthread_mutex_unlock(&s->lock);
	event_set(s);
}

static int setup(struct jostle_state *s)
{
	pthread_mutexattr_t shared;
	pthread_condattr_t shared_too;
	int error;

	pthread_mutexattr_init(&shared);
	pthread_mutexattr_setpshared(&shared, PTHREAD_PROCESS_SHARED);
	error = pthread_mutex_init(&s->lock, &shared);
	pthread_mutexattr_destroy(&shared);
	if (error)
		return error;
	pthread_condattr_init(&shared_too);
	pthread_condattr_setpshared(&shared_too, PTHREAD_PROCESS_SHARED);
	error = pthread_cond_init(&s->changed, &shared_too);
	pthread_condattr_destroy(&shared_too);
	return error;
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%s", s->eaten == 1 ? "cooked" : "raw");
}

static void teardown(struct jostle_state *s)
{
	pthread_cond_destroy(&s->changed);
	pthread_mutex_destroy(&s->lock);
}

JOSTLE_CASE(broken) = {
	.title = "A process waits for an event with a timeout and ignores which it was",
	.tags = "ipc event timeout",
	.why = "Half a second of work is done within a second on a machine that has nothing else "
	       "to do. The timeout is there for the others, and there it is taken for the event.",
	.ref = "POSIX.1-2017, pthread_cond_timedwait(): ETIMEDOUT",
	.expect = JOSTLE_OUTCOME,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.processes = { { "guest", guest_who_eats_anyway }, { "cook", cook } },
	.outcomes = { { "cooked", JOSTLE_ALLOWED, "the event came first" },
		      { "raw", JOSTLE_FORBIDDEN, "the time was up" } },
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(broken_thread) = {
	.title = "A thread waits for an event with a timeout and ignores which it was",
	.tags = "thread event timeout",
	.why = "The two reasons to return look the same to whoever does not ask.",
	.ref = "POSIX.1-2017, pthread_cond_timedwait(): ETIMEDOUT",
	.expect = JOSTLE_OUTCOME,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "guest", guest_who_eats_anyway }, { "cook", cook } },
	.outcomes = { { "cooked", JOSTLE_ALLOWED, "the event came first" },
		      { "raw", JOSTLE_FORBIDDEN, "the time was up" } },
};

JOSTLE_CASE(fixed) = {
	.title = "A process whose time is up knows it, and goes on waiting",
	.tags = "ipc event timeout",
	.why = "The wait says whether the event is set, and the caller looks at it.",
	.ref = "POSIX.1-2017, pthread_cond_timedwait(): ETIMEDOUT",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.processes = { { "guest", guest_who_looks }, { "cook", cook } },
	.outcomes = { { "cooked", JOSTLE_ALLOWED, "the guest waited for the event" } },
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(fixed_thread) = {
	.title = "A thread whose time is up knows it, and goes on waiting",
	.tags = "thread event timeout",
	.why = "The wait says whether the event is set, and the caller looks at it.",
	.ref = "POSIX.1-2017, pthread_cond_timedwait(): ETIMEDOUT",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "guest", guest_who_looks }, { "cook", cook } },
	.outcomes = { { "cooked", JOSTLE_ALLOWED, "the guest waited for the event" } },
};
