/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two flags, each the business of one thread only. As bit-fields they share a word, and no machine
 * writes a single bit: each thread reads the word, changes its bit, and writes back the other
 * thread's bit as it was.
 */
#include "jostle.h"

#include <stdio.h>

struct jostle_state {
	struct {
		unsigned door_open : 1;
		unsigned light_on : 1;
	} packed;
	struct {
		unsigned door_open : 1;
		unsigned : 0; /* what follows is a memory location of its own */
		unsigned light_on : 1;
	} apart;
};

static void open_door(struct jostle_state *s)
{
	s->packed.door_open = 1; /* RACE: writes the light's bit, too */
}

static void switch_light(struct jostle_state *s)
{
	s->packed.light_on = 1; /* RACE: writes the door's bit, too */
}

static void open_door_apart(struct jostle_state *s)
{
	s->apart.door_open = 1;
}

static void switch_light_apart(struct jostle_state *s)
{
	s->apart.light_on = 1;
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%u%u", s->packed.door_open, s->packed.light_on);
}

static void observe_apart(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%u%u", s->apart.door_open, s->apart.light_on);
}

JOSTLE_CASE(broken) = {
	.title = "Two threads write neighbouring bit-fields",
	.tags = "bit-field lost-update",
	.why = "Adjacent bit-fields are one memory location. The two names in the source hide "
	       "that both threads write the same word.",
	.ref = "C11 3.14: memory location; Boehm: Threads Cannot Be Implemented as a Library, "
	       "PLDI 2005",
	.expect = JOSTLE_RACE,
	.also = JOSTLE_ALSO(JOSTLE_OUTCOME),
	.needs = JOSTLE_NEEDS_ACCESSES,
	.observe = observe,
	.threads = { { "door", open_door }, { "light", switch_light } },
	.outcomes = { { "11", JOSTLE_ALLOWED, "both set" },
		      { "10", JOSTLE_FORBIDDEN, "the light went out again" },
		      { "01", JOSTLE_FORBIDDEN, "the door fell shut" } },
};

JOSTLE_CASE(fixed) = {
	.title = "A bit-field of width 0 stands between them",
	.tags = "bit-field",
	.why = "What comes after it lies in another memory location, and two threads may write "
	       "two locations at once. Two ordinary members would do as well.",
	.ref = "C11 3.14 paragraph 4 and 6.7.2.1 paragraph 12",
	.expect = JOSTLE_PASS,
	.observe = observe_apart,
	.threads = { { "door", open_door_apart }, { "light", switch_light_apart } },
	.outcomes = { { "11", JOSTLE_ALLOWED, "both set" } },
};
