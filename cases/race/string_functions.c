/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The accesses that race are not in this file: strcpy() writes the name and strlen() reads it, both
 * inside libc. A string is in the middle of being replaced for as many steps as it has characters.
 */
#include "jostle.h"

#include <stdio.h>
#include <string.h>

struct jostle_state {
	pthread_mutex_t lock;
	char name[16]; /* guarded by lock */
	const char *next;
	size_t length;
};

static void rename_it(struct jostle_state *s)
{
	strcpy(s->name, s->next); /* RACE: libc writes it */
}

static void measure(struct jostle_state *s)
{
	s->length = strlen(s->name); /* RACE: libc reads it */
}

static void rename_locked(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	strcpy(s->name, s->next);
	pthread_mutex_unlock(&s->lock);
}

static void measure_locked(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	s->length = strlen(s->name);
	pthread_mutex_unlock(&s->lock);
}

static int setup(struct jostle_state *s)
{
	strcpy(s->name, "ant");
	s->next = "hippopotamus";
	return pthread_mutex_init(&s->lock, NULL);
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%s", s->length == 3 || s->length == 12 ? "3 or 12" : "neither");
}

static void teardown(struct jostle_state *s)
{
	pthread_mutex_destroy(&s->lock);
}

JOSTLE_CASE(broken) = {
	.title = "A string is replaced while another thread measures it",
	.tags = "string libc torn",
	.why = "Functions of the library access what they are given like the caller's own code. "
	       "The terminating zero may be gone when strlen() looks for it.",
	.ref = "C11 7.1.4 paragraph 5: library functions and data races",
	.expect = JOSTLE_RACE,
	.also = JOSTLE_ALSO(JOSTLE_OUTCOME),
	.needs = JOSTLE_NEEDS_ACCESSES,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "rename", rename_it }, { "measure", measure } },
	.outcomes = { { "3 or 12", JOSTLE_ALLOWED, "ant or hippopotamus" },
		      { "neither", JOSTLE_FORBIDDEN, "between the two" } },
};

JOSTLE_CASE(fixed) = {
	.title = "The lock is held around the library's calls",
	.tags = "string libc mutex",
	.why = "A lock covers whatever happens while it is held, in whoever's code.",
	.ref = "C11 7.1.4 paragraph 5: library functions and data races",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "rename", rename_locked }, { "measure", measure_locked } },
	.outcomes = { { "3 or 12", JOSTLE_ALLOWED, "ant or hippopotamus" } },
};
