/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A reader sees the end of a pipe when the last descriptor of its writing end is closed, in all
 * processes. The child that reads has inherited a writing end as well, and waits for itself.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "jostle.h"

#include <sys/wait.h>
#include <unistd.h>

struct jostle_state {
	int unused;
};

/* In the child: reads to the end. */
static void read_all(int from)
{
	char byte;

	while (read(from, &byte, 1) > 0) /* DEADLOCK: a writing end is open, the reader's own */
		;
	_exit(0);
}

static void send_to_child(int child_closes)
{
	int ends[2];
	pid_t child;

	if (pipe(ends))
		return;
	child = fork();
	if (child == 0) {
		if (child_closes)
			close(ends[1]);
		read_all(ends[0]);
	}
	close(ends[0]);
	if (write(ends[1], "x", 1) != 1)
		_exit(1);
	close(ends[1]);
	waitpid(child, NULL, 0); /* SEE: the child never ends */
}

static void child_keeps_both_ends(struct jostle_state *s)
{
	(void)s;
	send_to_child(0);
}

static void child_closes_the_other_end(struct jostle_state *s)
{
	(void)s;
	send_to_child(1);
}

JOSTLE_CASE(broken) = {
	.title = "The reader of a pipe keeps the writing end that it inherited",
	.tags = "ipc pipe descriptor fork",
	.why = "fork() doubles every descriptor. The parent closes its writing end, the child's "
	       "is still open, and so the pipe has no end.",
	.ref = "pipe(7): I/O on pipes and FIFOs; POSIX.1-2017, fork()",
	.expect = JOSTLE_DEADLOCK,
	.cause = "pipe",
	.body = child_keeps_both_ends,
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(fixed) = {
	.title = "Each process closes the end that it does not use",
	.tags = "ipc pipe descriptor fork",
	.why = "After the parent's close nobody can write any more, and the read returns 0.",
	.ref = "pipe(7): I/O on pipes and FIFOs; POSIX.1-2017, fork()",
	.expect = JOSTLE_PASS,
	.body = child_closes_the_other_end,
	.schedules = 1000, /* each forks */
};
