/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Main and a guest are to meet at a barrier. Main has no time after all, takes the barrier away and
 * leaves. The guest may be standing there.
 */
#include "jostle.h"

/* Not in the state, which is freed while the guest of the broken variant still waits. */
static pthread_barrier_t meeting;

struct jostle_state {
	pthread_t guest;
};

static void *guest(void *arg)
{
	(void)arg;
	pthread_barrier_wait(&meeting); /* SEE: may be waiting here */
	return NULL;
}

static void invite_and_leave(struct jostle_state *s)
{
	if (pthread_create(&s->guest, NULL, guest, NULL))
		return;
	pthread_detach(s->guest);
	pthread_barrier_destroy(&meeting); /* MISUSE: the guest may have come */
}

static void invite_and_come(struct jostle_state *s)
{
	if (pthread_create(&s->guest, NULL, guest, NULL))
		return;
	pthread_barrier_wait(&meeting);
	pthread_join(s->guest, NULL);
	pthread_barrier_destroy(&meeting);
}

static int setup(struct jostle_state *s)
{
	(void)s;
	return pthread_barrier_init(&meeting, NULL, 2);
}

JOSTLE_CASE(broken) = {
	.title = "A barrier is destroyed while a thread waits at it",
	.tags = "barrier destroy",
	.why = "A barrier with somebody at it is not free to go: destroying it is undefined, and "
	       "the one who waits will never be let through.",
	.ref = "POSIX.1-2017, pthread_barrier_destroy(): undefined if any thread is blocked",
	.expect = JOSTLE_MISUSE,
	.cause = "destroy-waited",
	.setup = setup,
	.body = invite_and_leave,
};

JOSTLE_CASE(fixed) = {
	.title = "Both come to the barrier, and it is destroyed after the join",
	.tags = "barrier destroy",
	.why = "An object is destroyed by whoever knows that nobody uses it any more.",
	.ref = "POSIX.1-2017, pthread_barrier_destroy()",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.body = invite_and_come,
};
