/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An event can be set, cleared, asked and waited for. The starter sets it "for a moment": set, wake
 * all, clear. Whoever came to wait in time goes on; whoever comes a moment later finds the event
 * cleared, and nobody sets it again.
 */
#include "jostle.h"

struct jostle_state {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	int is_set; /* guarded by lock */
};

static void event_set(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	s->is_set = 1;
	pthread_cond_broadcast(&s->changed); /* SEE: not heard by who is not there yet */
	pthread_mutex_unlock(&s->lock);
}

static void event_clear(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	s->is_set = 0;
	pthread_mutex_unlock(&s->lock);
}

static void runner(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	while (!s->is_set)
		pthread_cond_wait(&s->changed, &s->lock); /* DEADLOCK: set, and cleared again */
	pthread_mutex_unlock(&s->lock);
}

static void starter_for_a_moment(struct jostle_state *s)
{
	event_set(s);
	event_clear(s);
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

	return error ? error : init_condition(&s->changed);
}

static void teardown(struct jostle_state *s)
{
	pthread_cond_destroy(&s->changed);
	pthread_mutex_destroy(&s->lock);
}

JOSTLE_CASE(broken) = {
	.title = "An event is set and cleared at once, and who comes late misses it",
	.tags = "event condition",
	.why = "Between set and clear nobody is made to look. A runner that has not begun to wait, "
	       "or that was woken and has not yet the lock, sees the event cleared.",
	.ref = "POSIX.1-2017, pthread_cond_broadcast(): no effect if no threads are blocked",
	.expect = JOSTLE_DEADLOCK,
	.cause = "lost-wakeup",
	.setup = setup, /* no teardown: somebody may still wait */
	.threads = { { "runner", runner }, { "starter", starter_for_a_moment } },
};

JOSTLE_CASE(broken_process) = {
	.title = "A process that comes late misses an event set for a moment",
	.tags = "process event condition",
	.why = "The condition lies in shared memory and remembers no more than between threads.",
	.ref = "POSIX.1-2017, pthread_cond_broadcast(): no effect if no threads are blocked",
	.expect = JOSTLE_DEADLOCK,
	.cause = "lost-wakeup",
	.setup = setup, /* no teardown: somebody may still wait */
	.processes = { { "runner", runner }, { "starter", starter_for_a_moment } },
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(fixed) = {
	.title = "The event stays set",
	.tags = "event condition",
	.why = "What has happened stays true. Whoever comes late sees it and does not wait.",
	.ref = "POSIX.1-2017, pthread_cond_wait(): a predicate is associated with each condition",
	.expect = JOSTLE_PASS,
	.opt_in = JOSTLE_SPURIOUS,
	.setup = setup,
	.teardown = teardown,
	.threads = { { "runner", runner }, { "starter", event_set } },
};

JOSTLE_CASE(fixed_process) = {
	.title = "The event in shared memory stays set",
	.tags = "process event condition",
	.why = "What has happened stays true, for every process that maps it.",
	.ref = "POSIX.1-2017, pthread_cond_wait(): a predicate is associated with each condition",
	.expect = JOSTLE_PASS,
	.opt_in = JOSTLE_SPURIOUS,
	.setup = setup,
	.teardown = teardown,
	.processes = { { "runner", runner }, { "starter", event_set } },
	.schedules = 1000, /* each forks */
};
