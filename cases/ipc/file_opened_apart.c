/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who opens a file gets a position of its own, at the beginning. Two workers that each open the log
 * for themselves write over each other; two that inherit one descriptor (or share it, as threads
 * do) have one position, and one entry follows the other.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "jostle.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

struct jostle_state {
	int log;       /* open since before the workers */
	char path[32]; /* by which it can be opened once more */
};

static void write_entry(int log, const char *entry)
{
	if (write(log, entry, 3) != 3) /* OUTCOME: at this descriptor's own position */
		_exit(1);
}

static void write_apart(struct jostle_state *s, const char *entry)
{
	int log = open(s->path, O_WRONLY); /* SEE: position 0 */

	write_entry(log, entry);
	close(log);
}

static void apart_a(struct jostle_state *s)
{
	write_apart(s, "aaa");
}

static void apart_b(struct jostle_state *s)
{
	write_apart(s, "bbb");
}

static void inherited_a(struct jostle_state *s)
{
	write_entry(s->log, "aaa");
}

static void inherited_b(struct jostle_state *s)
{
	write_entry(s->log, "bbb");
}

static int setup(struct jostle_state *s)
{
	/* Opened by name: the kernel locks the position of what open() made, and of nothing else.
	 */
	int made = memfd_create("log", 0);

	snprintf(s->path, sizeof(s->path), "/proc/self/fd/%d", made);
	s->log = open(s->path, O_RDWR);
	if (s->log < 0)
		return errno;
	close(made);
	snprintf(s->path, sizeof(s->path), "/proc/self/fd/%d", s->log);
	return 0;
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	char log[7] = "";

	if (pread(s->log, log, sizeof(log) - 1, 0) < 0)
		log[0] = '\0';
	snprintf(text, size, "%s", log);
}

static void teardown(struct jostle_state *s)
{
	close(s->log);
}

JOSTLE_CASE(broken) = {
	.title = "Two processes open one file apart and write over each other",
	.tags = "ipc descriptor file",
	.why = "The position belongs to what open() made. Two of them start at 0, whatever the "
	       "other has written.",
	.ref = "POSIX.1-2017, open(): file offset set to the beginning; 2.9.7",
	.expect = JOSTLE_OUTCOME,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.processes = { { "worker a", apart_a }, { "worker b", apart_b } },
	.outcomes = { { "aaabbb", JOSTLE_ALLOWED, "both entries" },
		      { "bbbaaa", JOSTLE_ALLOWED, "both entries" },
		      { "aaa", JOSTLE_FORBIDDEN, "b's was overwritten" },
		      { "bbb", JOSTLE_FORBIDDEN, "a's was overwritten" } },
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(broken_thread) = {
	.title = "Two threads open one file apart and write over each other",
	.tags = "thread descriptor file",
	.why = "Threads share all descriptors and may use one; opening again makes another "
	       "position.",
	.ref = "POSIX.1-2017, open(): file offset set to the beginning",
	.expect = JOSTLE_OUTCOME,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "worker a", apart_a }, { "worker b", apart_b } },
	.outcomes = { { "aaabbb", JOSTLE_ALLOWED, "both entries" },
		      { "bbbaaa", JOSTLE_ALLOWED, "both entries" },
		      { "aaa", JOSTLE_FORBIDDEN, "b's was overwritten" },
		      { "bbb", JOSTLE_FORBIDDEN, "a's was overwritten" } },
};

JOSTLE_CASE(fixed) = {
	.title = "Two processes inherit one descriptor and its one position",
	.tags = "ipc descriptor file",
	.why = "fork() copies the descriptor and not what it stands for: the position moves for "
	       "both. O_APPEND would do for files that are opened apart.",
	.ref = "POSIX.1-2017, fork(): refers to the same open file description",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.processes = { { "worker a", inherited_a }, { "worker b", inherited_b } },
	.outcomes = { { "aaabbb", JOSTLE_ALLOWED, "both entries" },
		      { "bbbaaa", JOSTLE_ALLOWED, "both entries" } },
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(fixed_thread) = {
	.title = "Two threads use one descriptor and its one position",
	.tags = "thread descriptor file",
	.why = "write() moves the position and writes in one step.",
	.ref = "POSIX.1-2017, 2.9.7 Thread Interactions with Regular File Operations",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "worker a", inherited_a }, { "worker b", inherited_b } },
	.outcomes = { { "aaabbb", JOSTLE_ALLOWED, "both entries" },
		      { "bbbaaa", JOSTLE_ALLOWED, "both entries" } },
};
