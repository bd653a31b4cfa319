/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A length from outside is checked against the buffer, and then read once more to copy. The sender,
 * who shares the memory, changes it in between. What was checked is not what is used.
 */
#include "jostle.h"

#include <stdatomic.h>
#include <stdio.h>

#define ROOM 8

struct jostle_state {
	atomic_int length; /* written by the sender whenever it likes */
	int copied;
};

static void receive(struct jostle_state *s)
{
	if (atomic_load(&s->length) > ROOM) /* SEE: the length that is checked */
		return;
	s->copied = atomic_load(&s->length); /* OUTCOME: the length that is used */
}

static void receive_once(struct jostle_state *s)
{
	int length = atomic_load(&s->length);

	if (length > ROOM)
		return;
	s->copied = length;
}

static void send(struct jostle_state *s)
{
	atomic_store(&s->length, 100);
}

static int setup(struct jostle_state *s)
{
	atomic_init(&s->length, 4);
	return 0;
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d", s->copied);
}

JOSTLE_CASE(broken) = {
	.title = "What is shared is read once to check and once to use",
	.tags = "double-fetch check-then-act atomic",
	.why = "A value in shared memory is a question, not a fact. Each time it is asked it may "
	       "have another answer.",
	.ref = "CWE-367: Time-of-check Time-of-use Race Condition; double fetch",
	.expect = JOSTLE_OUTCOME,
	.needs = JOSTLE_NEEDS_ACCESSES,
	.setup = setup,
	.observe = observe,
	.threads = { { "receive", receive }, { "send", send } },
	.outcomes = { { "0", JOSTLE_ALLOWED, "refused" },
		      { "4", JOSTLE_ALLOWED, "accepted" },
		      { "100", JOSTLE_FORBIDDEN, "92 bytes behind the buffer" } },
};

JOSTLE_CASE(fixed) = {
	.title = "Read once into a local variable, then checked and used",
	.tags = "double-fetch atomic",
	.why = "Nobody else can change the copy.",
	.ref = "CWE-367: Time-of-check Time-of-use Race Condition; double fetch",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.threads = { { "receive", receive_once }, { "send", send } },
	.outcomes = { { "0", JOSTLE_ALLOWED, "refused" }, { "4", JOSTLE_ALLOWED, "accepted" } },
};
