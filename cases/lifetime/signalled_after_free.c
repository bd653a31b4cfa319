/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An event for one use: who waits for it frees it afterwards. The setter sets the flag, unlocks,
 * and then signals. A waiter that comes in between sees the flag, does not wait, and frees the
 * event, condition and all, before the signal.
 */
#include "jostle.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct event {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	int set; /* guarded by lock */
};

struct jostle_state {
	struct event *event;
};

static void event_set(struct jostle_state *s)
{
	struct event *event = s->event;

	pthread_mutex_lock(&event->lock);
	event->set = 1;
	pthread_mutex_unlock(&event->lock);
	pthread_cond_signal(&event->changed); /* LIFETIME: the waiter need not wait for this */
}

static void event_set_locked(struct jostle_state *s)
{
	struct event *event = s->event;

	pthread_mutex_lock(&event->lock);
	event->set = 1;
	pthread_cond_signal(&event->changed);
	pthread_mutex_unlock(&event->lock);
}

static void event_wait(struct jostle_state *s)
{
	struct event *event = s->event;

	pthread_mutex_lock(&event->lock);
	while (!event->set)
		pthread_cond_wait(&event->changed, &event->lock);
	pthread_mutex_unlock(&event->lock);
	pthread_cond_destroy(&event->changed); /* SEE: nobody waits any more */
	pthread_mutex_destroy(&event->lock);
	free(event); /* SEE: and the memory is gone, too */
}

static int setup(struct jostle_state *s)
{
	int error;

	s->event = calloc(1, sizeof(*s->event)); /* SEE: here it is allocated */
	if (!s->event)
		return ENOMEM;
	error = pthread_mutex_init(&s->event->lock, NULL);
	return error ? error : pthread_cond_init(&s->event->changed, NULL);
}

JOSTLE_CASE(broken) = {
	.title = "An event is signalled after its waiter could free it",
	.tags = "event condition destroy use-after-free",
	.why = "After the unlock the waiter needs nothing more from the setter. Signalling "
	       "outside of the lock is fine for a condition that lives on, not for this one.",
	.ref = "POSIX.1-2017, pthread_cond_destroy(), rationale",
	.expect = JOSTLE_LIFETIME,
	.also = JOSTLE_ALSO(JOSTLE_MISUSE) | JOSTLE_ALSO(JOSTLE_RACE),
	.setup = setup,
	.threads = { { "set", event_set }, { "wait", event_wait } },
};

JOSTLE_CASE(fixed) = {
	.title = "The signal is given with the lock held",
	.tags = "event condition destroy",
	.why = "The waiter sees the flag after the unlock only, and the unlock is the setter's "
	       "last touch. A mutex may be destroyed by whoever locked it last.",
	.ref = "POSIX.1-2017, pthread_mutex_destroy(), rationale: a mutex in a reference-counted "
	       "object",
	.expect = JOSTLE_PASS,
	.opt_in = JOSTLE_SPURIOUS,
	.setup = setup,
	.threads = { { "set", event_set_locked }, { "wait", event_wait } },
};
