/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A function that locks calls another one that locks, too. A normal mutex does not count its
 * owner's visits: the thread waits for itself. It shows only when the list is full.
 */
#include "jostle.h"

struct jostle_state {
	pthread_mutex_t lock;
	int used, room;
};

static void make_room(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock); /* DEADLOCK: the caller, this very thread, holds it */
	s->room *= 2;
	pthread_mutex_unlock(&s->lock);
}

static void append(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock); /* SEE: held from here */
	if (s->used == s->room)
		make_room(s);
	s->used++;
	pthread_mutex_unlock(&s->lock);
}

/* By convention "_locked" is called with the lock held and does not touch it. */
static void make_room_locked(struct jostle_state *s)
{
	s->room *= 2;
}

static void append_with_locked(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	if (s->used == s->room)
		make_room_locked(s);
	s->used++;
	pthread_mutex_unlock(&s->lock);
}

static int setup(struct jostle_state *s)
{
	s->room = 1;
	return pthread_mutex_init(&s->lock, NULL);
}

static void teardown(struct jostle_state *s)
{
	pthread_mutex_destroy(&s->lock);
}

JOSTLE_CASE(broken) = {
	.title = "A thread locks a mutex that it holds already",
	.tags = "mutex",
	.why = "The second append finds the list full and calls a function that takes the same "
	       "lock. The owner waits for itself, and nobody else can ever release it.",
	.ref = "POSIX.1-2017, pthread_mutex_lock(): a NORMAL mutex that is relocked deadlocks",
	.expect = JOSTLE_DEADLOCK,
	.cause = "self",
	.setup = setup,
	.teardown = teardown,
	.threads = { { "append 1", append }, { "append 2", append } },
};

JOSTLE_CASE(fixed) = {
	.title = "The inner function expects the lock to be held",
	.tags = "mutex",
	.why = "Locking is done at one level of the call tree. The inner function says in its "
	       "name that its caller holds the lock.",
	.ref = "POSIX.1-2017, pthread_mutex_lock()",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.teardown = teardown,
	.threads = { { "append 1", append_with_locked }, { "append 2", append_with_locked } },
};
