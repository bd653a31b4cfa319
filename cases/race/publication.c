/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pointer that publishes an object is atomic, so it never races. What it points to is not: a
 * relaxed store says "here is the address" and does not say "and it is filled in".
 */
#include "jostle.h"

#include <stdatomic.h>
#include <stdio.h>

struct message {
	int words;
};

struct jostle_state {
	struct message message;
	struct message *_Atomic inbox;
	int seen;
};

static void send_relaxed(struct jostle_state *s)
{
	s->message.words = 3; /* RACE: no barrier between this and the pointer */
	atomic_store_explicit(&s->inbox, &s->message, memory_order_relaxed);
}

static void receive_relaxed(struct jostle_state *s)
{
	struct message *message = atomic_load_explicit(&s->inbox, memory_order_relaxed);

	if (message)
		s->seen = message->words; /* RACE(broken): may not be there */
}

static void receive_acquired(struct jostle_state *s)
{
	struct message *message = atomic_load_explicit(&s->inbox, memory_order_acquire);

	if (message)
		s->seen = message->words; /* RACE(broken_half): acquires what nobody released */
}

static void send_released(struct jostle_state *s)
{
	s->message.words = 3;
	atomic_store_explicit(&s->inbox, &s->message, memory_order_release);
}

static int setup(struct jostle_state *s)
{
	s->seen = -1;
	atomic_init(&s->inbox, NULL);
	return 0;
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d", s->seen);
}

JOSTLE_CASE(broken) = {
	.title = "An object is published by a relaxed store",
	.tags = "publication atomic relaxed",
	.why = "Relaxed accesses are atomic and order nothing else. Between filling the message "
	       "in and reading it lies no happens-before, whatever the addresses say.",
	.ref = "C11 7.17.3 paragraph 2: for memory_order_relaxed no operation orders memory",
	.expect = JOSTLE_RACE,
	.also = JOSTLE_ALSO(JOSTLE_OUTCOME),
	.needs = JOSTLE_NEEDS_ACCESSES,
	.setup = setup,
	.observe = observe,
	.threads = { { "send", send_relaxed }, { "receive", receive_relaxed } },
	.outcomes = { { "-1", JOSTLE_ALLOWED, "not sent yet" },
		      { "3", JOSTLE_ALLOWED, "received" },
		      { "0", JOSTLE_FORBIDDEN, "the address came before the words" } },
};

JOSTLE_CASE(broken_half) = {
	.title = "An object is published by a relaxed store and acquired",
	.tags = "publication atomic relaxed",
	.why = "It takes two. An acquire finds what a release left, and here is none.",
	.ref = "C11 5.1.2.4 paragraph 11: a release synchronizes with an acquire",
	.expect = JOSTLE_RACE,
	.also = JOSTLE_ALSO(JOSTLE_OUTCOME),
	.needs = JOSTLE_NEEDS_ACCESSES,
	.setup = setup,
	.observe = observe,
	.threads = { { "send", send_relaxed }, { "receive", receive_acquired } },
	.outcomes = { { "-1", JOSTLE_ALLOWED, "not sent yet" },
		      { "3", JOSTLE_ALLOWED, "received" },
		      { "0", JOSTLE_FORBIDDEN, "the address came before the words" } },
};

JOSTLE_CASE(fixed) = {
	.title = "Published with release, found with acquire",
	.tags = "publication atomic",
	.why = "The release says: all that I wrote before. The acquire says: all that I read "
	       "from here on.",
	.ref = "C11 5.1.2.4 paragraph 11: a release synchronizes with an acquire",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.threads = { { "send", send_released }, { "receive", receive_acquired } },
	.outcomes = { { "-1", JOSTLE_ALLOWED, "not sent yet" },
		      { "3", JOSTLE_ALLOWED, "received" } },
};
