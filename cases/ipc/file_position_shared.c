/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An inherited descriptor has one position for all. Who moves it and then reads does two steps, and
 * the other process moves it in between: each asked for its own record and one got the other's.
 * pread() says where in the same call and leaves the position alone.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "jostle.h"

#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

struct jostle_state {
	int records;
	char got[2]; /* each reader's own */
};

static void seek_then_read(struct jostle_state *s, int record)
{
	lseek(s->records, record, SEEK_SET);
	if (read(s->records, &s->got[record], 1) != 1) /* OUTCOME: where the other went */
		s->got[record] = '-';
}

static void read_there(struct jostle_state *s, int record)
{
	if (pread(s->records, &s->got[record], 1, record) != 1)
		s->got[record] = '-';
}

static void seeking_reader_0(struct jostle_state *s)
{
	seek_then_read(s, 0);
}

static void seeking_reader_1(struct jostle_state *s)
{
	seek_then_read(s, 1);
}

static void reader_0(struct jostle_state *s)
{
	read_there(s, 0);
}

static void reader_1(struct jostle_state *s)
{
	read_there(s, 1);
}

static int setup(struct jostle_state *s)
{
	s->records = memfd_create("records", 0);
	if (s->records < 0)
		return errno;
	return write(s->records, "AB", 2) == 2 ? 0 : EIO;
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%.2s", s->got);
}

static void teardown(struct jostle_state *s)
{
	close(s->records);
}

JOSTLE_CASE(broken) = {
	.title = "Two processes move the one position that they inherited",
	.tags = "ipc descriptor file atomicity",
	.why = "After fork() both descriptors stand for one open file with one position. lseek() "
	       "and read() are two steps.",
	.ref = "POSIX.1-2017, fork(); pread()",
	.expect = JOSTLE_OUTCOME,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.processes = { { "reader 0", seeking_reader_0 }, { "reader 1", seeking_reader_1 } },
	.outcomes = { { "AB", JOSTLE_ALLOWED, "each its own" },
		      { "BB", JOSTLE_FORBIDDEN, "reader 0 was moved" },
		      { "AA", JOSTLE_FORBIDDEN, "reader 1 was moved" },
		      { "A-", JOSTLE_FORBIDDEN, "reader 1 was moved to the end" },
		      { "-B", JOSTLE_FORBIDDEN, "reader 0 was moved to the end" },
		      { "B-", JOSTLE_FORBIDDEN, "reader 1 read what reader 0 left" },
		      { "-A", JOSTLE_FORBIDDEN, "reader 0 read what reader 1 left" },
		      { "BA", JOSTLE_FORBIDDEN, "both were moved" } },
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(broken_thread) = {
	.title = "Two threads move the one position that they share",
	.tags = "thread descriptor file atomicity",
	.why = "lseek() and read() are two steps.",
	.ref = "POSIX.1-2017, pread()",
	.expect = JOSTLE_OUTCOME,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "reader 0", seeking_reader_0 }, { "reader 1", seeking_reader_1 } },
	.outcomes = { { "AB", JOSTLE_ALLOWED, "each its own" },
		      { "BB", JOSTLE_FORBIDDEN, "reader 0 was moved" },
		      { "AA", JOSTLE_FORBIDDEN, "reader 1 was moved" },
		      { "A-", JOSTLE_FORBIDDEN, "reader 1 was moved to the end" },
		      { "-B", JOSTLE_FORBIDDEN, "reader 0 was moved to the end" },
		      { "B-", JOSTLE_FORBIDDEN, "reader 1 read what reader 0 left" },
		      { "-A", JOSTLE_FORBIDDEN, "reader 0 read what reader 1 left" },
		      { "BA", JOSTLE_FORBIDDEN, "both were moved" } },
};

JOSTLE_CASE(fixed) = {
	.title = "Two processes say in the read where to read",
	.tags = "ipc descriptor file atomicity",
	.why = "pread() neither uses nor moves the position.",
	.ref = "POSIX.1-2017, pread()",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.processes = { { "reader 0", reader_0 }, { "reader 1", reader_1 } },
	.outcomes = { { "AB", JOSTLE_ALLOWED, "each its own" } },
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(fixed_thread) = {
	.title = "Two threads say in the read where to read",
	.tags = "thread descriptor file atomicity",
	.why = "pread() neither uses nor moves the position.",
	.ref = "POSIX.1-2017, pread()",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "reader 0", reader_0 }, { "reader 1", reader_1 } },
	.outcomes = { { "AB", JOSTLE_ALLOWED, "each its own" } },
};
