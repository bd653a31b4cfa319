/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A shared array of characters is read as a string: up to its zero. While "moon" becomes "sunrise"
 * a byte at a time, there are moments in which it reads "suon", and one in which the old zero is
 * overwritten and the string goes on to whatever lies behind. Each byte is locked, so there is no
 * race; the string is not.
 */
#include "jostle.h"

#include <stdio.h>

#define SIZE 8

struct jostle_state {
	pthread_mutex_t lock; /* between processes */
	char text[SIZE];      /* guarded by lock; made from data: "moon", and zeros to its end */
	char seen[SIZE];      /* the reader's own */
};

static void writer(struct jostle_state *s)
{
	static const char string[SIZE] = "sunrise";

	for (int i = 0; i < SIZE; i++) {
		pthread_mutex_lock(&s->lock);
		s->text[i] = string[i];
		pthread_mutex_unlock(&s->lock); /* OUTCOME: the rest is still the old one */
	}
}

static void reader(struct jostle_state *s)
{
	int i = -1;

	do {
		i++;
		pthread_mutex_lock(&s->lock);
		s->seen[i] = s->text[i];
		pthread_mutex_unlock(&s->lock);
	} while (s->seen[i] && i < SIZE - 1);
}

static void locked_writer(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	memcpy(s->text, "sunrise", SIZE);
	pthread_mutex_unlock(&s->lock);
}

static void locked_reader(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	memcpy(s->seen, s->text, SIZE);
	pthread_mutex_unlock(&s->lock);
}

static int setup(struct jostle_state *s)
{
	pthread_mutexattr_t shared;
	int error = pthread_mutexattr_init(&shared);

	if (error)
		return error;
	pthread_mutexattr_setpshared(&shared, PTHREAD_PROCESS_SHARED);
	error = pthread_mutex_init(&s->lock, &shared);
	pthread_mutexattr_destroy(&shared);
	strcpy(s->text, "moon");
	return error;
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	const int whole = strcmp(s->seen, "moon") == 0 || strcmp(s->seen, "sunrise") == 0;

	snprintf(text, size, "%s", whole ? s->seen : "a mixture");
}

static void teardown(struct jostle_state *s)
{
	pthread_mutex_destroy(&s->lock);
}

JOSTLE_CASE(broken) = {
	.title = "A process reads a shared array as a string while it is written",
	.tags = "ipc shared-memory array string",
	.why = "A string is all of its bytes and where it ends. The reader meets the writer in "
	       "the middle and gets the head of the new one with the tail of the old.",
	.ref = "C11, 7.1.1: a string is terminated by the first null character",
	.expect = JOSTLE_OUTCOME,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.processes = { { "writer", writer }, { "reader", reader } },
	.outcomes = { { "moon", JOSTLE_ALLOWED, "before" },
		      { "sunrise", JOSTLE_ALLOWED, "after" },
		      { "a mixture", JOSTLE_FORBIDDEN, "in between" } },
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(broken_thread) = {
	.title = "A thread reads an array as a string while it is written",
	.tags = "thread array string",
	.why = "A lock for each byte makes no lock for the string.",
	.ref = "C11, 7.1.1: a string is terminated by the first null character",
	.expect = JOSTLE_OUTCOME,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "writer", writer }, { "reader", reader } },
	.outcomes = { { "moon", JOSTLE_ALLOWED, "before" },
		      { "sunrise", JOSTLE_ALLOWED, "after" },
		      { "a mixture", JOSTLE_FORBIDDEN, "in between" } },
};

JOSTLE_CASE(fixed) = {
	.title = "A shared string is read and written with its lock held, by processes",
	.tags = "ipc shared-memory array string",
	.why = "The lock belongs to the string as a whole.",
	.ref = "POSIX.1-2017, pthread_mutexattr_setpshared()",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.processes = { { "writer", locked_writer }, { "reader", locked_reader } },
	.outcomes = { { "moon", JOSTLE_ALLOWED, "before" },
		      { "sunrise", JOSTLE_ALLOWED, "after" } },
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(fixed_thread) = {
	.title = "A string is read and written with its lock held, by threads",
	.tags = "thread array string",
	.why = "The lock belongs to the string as a whole.",
	.ref = "POSIX.1-2017, pthread_mutex_lock()",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "writer", locked_writer }, { "reader", locked_reader } },
	.outcomes = { { "moon", JOSTLE_ALLOWED, "before" },
		      { "sunrise", JOSTLE_ALLOWED, "after" } },
};
