/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One process fills a record in shared memory and sets a flag; another looks at the flag and reads
 * the record. As between threads, a plain flag orders nothing: compiler and processor may move the
 * record's store behind the flag's, and the reader sees half of it. An atomic flag, stored with
 * release and loaded with acquire, orders memory between processes just as well, since it is the
 * same memory.
 */
#include "jostle.h"

#include <stdatomic.h>
#include <stdio.h>

struct jostle_state {
	int temperature;
	int ready;
	atomic_int published;
	int seen; /* by the reader, -1: it came too early */
};

static void measure(struct jostle_state *s)
{
	s->temperature = 21; /* RACE: nothing orders this store and the load */
	s->ready = 1;        /* RACE: a plain flag */
}

static void show(struct jostle_state *s)
{
	if (s->ready)                     /* RACE: a plain flag */
		s->seen = s->temperature; /* RACE: nothing orders the store and this load */
}

static void measure_and_publish(struct jostle_state *s)
{
	s->temperature = 21;
	atomic_store_explicit(&s->published, 1, memory_order_release);
}

static void show_published(struct jostle_state *s)
{
	if (atomic_load_explicit(&s->published, memory_order_acquire))
		s->seen = s->temperature;
}

static int setup(struct jostle_state *s)
{
	s->seen = -1;
	return 0;
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d", s->seen);
}

JOSTLE_CASE(broken) = {
	.title = "A plain flag in shared memory announces a record to another process",
	.tags = "process shared-memory publication",
	.why = "Two processes on one piece of memory race as two threads do. That they have "
	       "nothing else in common helps nobody.",
	.ref = "C11 5.1.2.4 paragraph 25; the mapping is the same object in both",
	.expect = JOSTLE_RACE,
	.needs = JOSTLE_NEEDS_ACCESSES,
	.setup = setup,
	.observe = observe,
	.processes = { { "sensor", measure }, { "display", show } },
	.outcomes = { { "-1", JOSTLE_ALLOWED, "too early" },
		      { "21", JOSTLE_ALLOWED, "what was measured" } },
	.schedules = 500, /* each forks */
};

JOSTLE_CASE(fixed) = {
	.title = "An atomic flag in shared memory, released and acquired",
	.tags = "process shared-memory publication",
	.why = "A lock-free atomic object orders the memory around it for whoever maps it.",
	.ref = "C11 7.17.3, 7.17.5: lock-free atomics are address-free and work between processes",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.processes = { { "sensor", measure_and_publish }, { "display", show_published } },
	.outcomes = { { "-1", JOSTLE_ALLOWED, "too early" },
		      { "21", JOSTLE_ALLOWED, "what was measured" } },
	.schedules = 500, /* each forks */
};
