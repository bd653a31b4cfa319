/* SPDX-License-Identifier: Apache-2.0 */
/*
 * read() writes. The kernel stores the bytes into the buffer, and for the other thread that looks
 * at the buffer it is a write like any other.
 */
#include "jostle.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

struct jostle_state {
	pthread_mutex_t lock;
	char buffer[4]; /* guarded by lock */
	int ends[2];
	char seen;
};

static void receive(struct jostle_state *s)
{
	if (read(s->ends[0], s->buffer, sizeof(s->buffer)) < 0) /* RACE: fills the buffer */
		s->seen = '!';
}

static void look(struct jostle_state *s)
{
	s->seen = s->buffer[0]; /* RACE: is it filled? */
}

static void receive_locked(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	if (read(s->ends[0], s->buffer, sizeof(s->buffer)) < 0)
		s->seen = '!';
	pthread_mutex_unlock(&s->lock);
}

static void look_locked(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	s->seen = s->buffer[0];
	pthread_mutex_unlock(&s->lock);
}

static int setup(struct jostle_state *s)
{
	s->buffer[0] = '-';
	if (pipe(s->ends) || write(s->ends[1], "abcd", 4) != 4)
		return errno;
	return pthread_mutex_init(&s->lock, NULL);
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%c", s->seen);
}

static void teardown(struct jostle_state *s)
{
	pthread_mutex_destroy(&s->lock);
	close(s->ends[0]);
	close(s->ends[1]);
}

JOSTLE_CASE(broken) = {
	.title = "A buffer is looked at while read() fills it",
	.tags = "read io",
	.why = "The name misleads: what reads the file writes the memory. Nothing says when.",
	.ref = "POSIX.1-2017, read(); 4.12 Memory Synchronization",
	.expect = JOSTLE_RACE,
	.needs = JOSTLE_NEEDS_ACCESSES,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "receive", receive }, { "look", look } },
	.outcomes = { { "-", JOSTLE_ALLOWED, "before" }, { "a", JOSTLE_ALLOWED, "after" } },
};

JOSTLE_CASE(fixed) = {
	.title = "The lock is held around read()",
	.tags = "read io mutex",
	.why = "Better still to read into a buffer of one's own and hand that over, since a "
	       "lock that is held while a thread waits for input stops everybody.",
	.ref = "POSIX.1-2017, read(); 4.12 Memory Synchronization",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "receive", receive_locked }, { "look", look_locked } },
	.outcomes = { { "-", JOSTLE_ALLOWED, "before" }, { "a", JOSTLE_ALLOWED, "after" } },
};
