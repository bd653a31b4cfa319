/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A write of up to PIPE_BUF bytes goes into a pipe in one piece. A longer one goes in as the room
 * allows, in several pieces, and what another writer sends comes between them: the reader gets the
 * beginning of one letter and the end of another. This holds for threads and processes alike, and
 * on a quiet machine, with room in the pipe, it never shows.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "jostle.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#define LETTER (PIPE_BUF + PIPE_BUF / 2)

struct jostle_state {
	int ends[2];
	pthread_mutex_t lock; /* of the writing end, between processes */
	int torn;             /* the reader's own */
};

/* A letter consists of one character, LETTER times. */
static void write_letter(struct jostle_state *s, char character)
{
	char letter[LETTER];
	size_t done = 0;

	memset(letter, character, sizeof(letter));
	while (done < sizeof(letter)) {
		ssize_t wrote =
			write(s->ends[1], letter + done, /* OUTCOME: too long for one piece */
			      sizeof(letter) - done);

		if (wrote <= 0)
			_exit(1);
		done += (size_t)wrote;
	}
}

static void write_alone(struct jostle_state *s, char character)
{
	pthread_mutex_lock(&s->lock);
	write_letter(s, character);
	pthread_mutex_unlock(&s->lock);
}

static void sender_a(struct jostle_state *s)
{
	write_letter(s, 'a');
}

static void sender_b(struct jostle_state *s)
{
	write_letter(s, 'b');
}

static void locked_sender_a(struct jostle_state *s)
{
	write_alone(s, 'a');
}

static void locked_sender_b(struct jostle_state *s)
{
	write_alone(s, 'b');
}

static void read_letter(struct jostle_state *s)
{
	char letter[LETTER];
	size_t done = 0;

	while (done < sizeof(letter)) {
		ssize_t got = read(s->ends[0], letter + done, sizeof(letter) - done);

		if (got <= 0)
			_exit(1);
		done += (size_t)got;
	}
	for (size_t i = 0; i < sizeof(letter); i++)
		s->torn |= letter[i] != letter[0];
}

static void reader(struct jostle_state *s)
{
	read_letter(s);
	read_letter(s);
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
	if (error)
		return error;
	if (pipe(s->ends))
		return errno;
	return fcntl(s->ends[1], F_SETPIPE_SZ, PIPE_BUF) < 0 ? errno : 0;
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%s", s->torn ? "torn" : "whole");
}

static void teardown(struct jostle_state *s)
{
	close(s->ends[0]);
	close(s->ends[1]);
	pthread_mutex_destroy(&s->lock);
}

JOSTLE_CASE(broken) = {
	.title = "Two processes write letters longer than PIPE_BUF into one pipe",
	.tags = "ipc pipe atomicity",
	.why = "The kernel fills what room there is and lets the writer wait for more. The other "
	       "writer waits for the same room, and nobody keeps the pieces of a letter together.",
	.ref = "pipe(7): PIPE_BUF, writes of more than PIPE_BUF bytes may be nonatomic",
	.expect = JOSTLE_OUTCOME,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.processes = { { "sender a", sender_a }, { "sender b", sender_b }, { "reader", reader } },
	.outcomes = { { "whole", JOSTLE_ALLOWED, "one letter after the other" },
		      { "torn", JOSTLE_FORBIDDEN, "a letter of two senders" } },
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(broken_thread) = {
	.title = "Two threads write letters longer than PIPE_BUF into one pipe",
	.tags = "thread pipe atomicity",
	.why = "PIPE_BUF is a promise about one write of one size, whoever makes it.",
	.ref = "pipe(7): PIPE_BUF, writes of more than PIPE_BUF bytes may be nonatomic",
	.expect = JOSTLE_OUTCOME,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "sender a", sender_a }, { "sender b", sender_b }, { "reader", reader } },
	.outcomes = { { "whole", JOSTLE_ALLOWED, "one letter after the other" },
		      { "torn", JOSTLE_FORBIDDEN, "a letter of two senders" } },
};

JOSTLE_CASE(fixed) = {
	.title = "A letter longer than PIPE_BUF is written with the pipe's lock held",
	.tags = "ipc pipe atomicity",
	.why = "The lock lies in shared memory and keeps the pieces of a letter together. Short "
	       "letters would need none.",
	.ref = "pipe(7): PIPE_BUF; POSIX.1-2017, pthread_mutexattr_setpshared()",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.processes = { { "sender a", locked_sender_a },
		       { "sender b", locked_sender_b },
		       { "reader", reader } },
	.outcomes = { { "whole", JOSTLE_ALLOWED, "one letter after the other" } },
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(fixed_thread) = {
	.title = "Threads write a long letter with the pipe's lock held",
	.tags = "thread pipe atomicity",
	.why = "The lock keeps the pieces of a letter together.",
	.ref = "pipe(7): PIPE_BUF",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "sender a", locked_sender_a },
		     { "sender b", locked_sender_b },
		     { "reader", reader } },
	.outcomes = { { "whole", JOSTLE_ALLOWED, "one letter after the other" } },
};
