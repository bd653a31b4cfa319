/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "I only read, so I need no lock." The writer locks properly; the reader looks at two fields in
 * passing, and sees the first of the new and the second of the old.
 */
#include "jostle.h"

#include <stdio.h>

struct jostle_state {
	pthread_mutex_t lock;
	int celsius, fahrenheit; /* guarded by lock: the same temperature twice */
	int seen_celsius, seen_fahrenheit;
};

static void measure(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	s->celsius = 100;    /* RACE: the writer locks, and it does not help */
	s->fahrenheit = 212; /* RACE: the writer locks, and it does not help */
	pthread_mutex_unlock(&s->lock);
}

static void display(struct jostle_state *s)
{
	s->seen_celsius = s->celsius;       /* RACE: read without the lock */
	s->seen_fahrenheit = s->fahrenheit; /* RACE: read without the lock */
}

static void display_locked(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	s->seen_celsius = s->celsius;
	s->seen_fahrenheit = s->fahrenheit;
	pthread_mutex_unlock(&s->lock);
}

static int setup(struct jostle_state *s)
{
	s->celsius = 0;
	s->fahrenheit = 32;
	return pthread_mutex_init(&s->lock, NULL);
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d C = %d F", s->seen_celsius, s->seen_fahrenheit);
}

static void teardown(struct jostle_state *s)
{
	pthread_mutex_destroy(&s->lock);
}

JOSTLE_CASE(broken) = {
	.title = "The writer locks and the reader does not",
	.tags = "mutex torn",
	.why = "A lock is an agreement between all who touch the data. The reader that does not "
	       "take it sees the data in the middle of a change.",
	.ref = "Boehm: How to miscompile programs with \"benign\" data races, HotPar 2011",
	.expect = JOSTLE_RACE,
	.also = JOSTLE_ALSO(JOSTLE_OUTCOME),
	.needs = JOSTLE_NEEDS_ACCESSES,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "measure", measure }, { "display", display } },
	.outcomes = { { "0 C = 32 F", JOSTLE_ALLOWED, "before" },
		      { "100 C = 212 F", JOSTLE_ALLOWED, "after" },
		      { "100 C = 32 F", JOSTLE_FORBIDDEN, "half of each" },
		      { "0 C = 212 F", JOSTLE_FORBIDDEN, "half of each" } },
};

JOSTLE_CASE(fixed) = {
	.title = "Readers take the lock as well",
	.tags = "mutex",
	.why = "The reader finds the two fields as the last writer left them.",
	.ref = "POSIX.1-2017, 4.12 Memory Synchronization",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "measure", measure }, { "display", display_locked } },
	.outcomes = { { "0 C = 32 F", JOSTLE_ALLOWED, "before" },
		      { "100 C = 212 F", JOSTLE_ALLOWED, "after" } },
};
