/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A reader reads until the end of the file. A pipe ends when the last descriptor of its writing end
 * is closed, and the writer forgot to close it. The reader got all its bytes and waits for more.
 */
#include "jostle.h"

#include <errno.h>
#include <unistd.h>

struct jostle_state {
	int ends[2];
	int lines;
};

static void reader(struct jostle_state *s)
{
	char byte;

	while (read(s->ends[0], &byte, 1) == 1) /* DEADLOCK: nobody writes, nobody closes */
		s->lines += byte == '\n';
}

static void writer(struct jostle_state *s)
{
	if (write(s->ends[1], "a\nb\n", 4) < 0)
		return;
}

static void writer_closes(struct jostle_state *s)
{
	writer(s);
	close(s->ends[1]);
	s->ends[1] = -1;
}

static int setup(struct jostle_state *s)
{
	return pipe(s->ends) ? errno : 0;
}

static void teardown(struct jostle_state *s)
{
	close(s->ends[0]);
	if (s->ends[1] >= 0)
		close(s->ends[1]);
}

JOSTLE_CASE(broken) = {
	.title = "The writing end of a pipe stays open, so that the reader sees no end",
	.tags = "pipe",
	.why = "End of file is not sent, it is the absence of writers. As long as one descriptor "
	       "of the writing end is open, in any process, the reader waits.",
	.ref = "pipe(7): I/O on pipes and FIFOs; POSIX.1-2017, read()",
	.expect = JOSTLE_DEADLOCK,
	.cause = "pipe",
	.setup = setup,
	.teardown = teardown,
	.threads = { { "reader", reader }, { "writer", writer } },
};

JOSTLE_CASE(fixed) = {
	.title = "The writer closes its end when it is done",
	.tags = "pipe",
	.why = "The reader's next read() returns 0.",
	.ref = "pipe(7): I/O on pipes and FIFOs; POSIX.1-2017, read()",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.teardown = teardown,
	.threads = { { "reader", reader }, { "writer", writer_closes } },
};
