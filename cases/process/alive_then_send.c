/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kill(pid, 0) sends nothing and says whether there is such a process. It says yes for a child that
 * has ended and was not waited for (a zombie), and it says nothing about the next moment. Here the
 * child reads what lies in its pipe and ends; the parent asks, and sends a letter to a child that
 * is gone.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "jostle.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct jostle_state {
	int ends[2]; /* a socket pair: the parent's end and the child's */
	int delivered, read;
};

/* In the child: answers the letter that is there, if one is, and ends with the number of letters.
 */
static void read_box(struct jostle_state *s)
{
	char letter;

	close(s->ends[0]);
	if (recv(s->ends[1], &letter, 1, MSG_DONTWAIT) != 1)
		_exit(0);
	if (send(s->ends[1], "r", 1, MSG_NOSIGNAL) != 1)
		_exit(1);
	_exit(1);
}

static pid_t start_child(struct jostle_state *s)
{
	pid_t child = fork();

	if (child == 0)
		read_box(s);
	close(s->ends[1]);
	return child;
}

/* To be called once the child was sent what it is sent. */
static void wait_for(struct jostle_state *s, pid_t child)
{
	int status;

	if (waitpid(child, &status, 0) == child && WIFEXITED(status))
		s->read = WEXITSTATUS(status);
	close(s->ends[0]);
}

static void send_if_alive(struct jostle_state *s)
{
	pid_t child = start_child(s);

	if (kill(child, 0) == 0) {
		send(s->ends[0], "l", 1, MSG_NOSIGNAL);
		s->delivered = 1; /* OUTCOME: there is such a process, and it has ended */
	}
	wait_for(s, child);
}

static void send_and_hear(struct jostle_state *s)
{
	pid_t child = start_child(s);
	char answer;

	send(s->ends[0], "l", 1, MSG_NOSIGNAL);
	s->delivered = recv(s->ends[0], &answer, 1, 0) == 1;
	wait_for(s, child);
}

static int setup(struct jostle_state *s)
{
	return socketpair(AF_UNIX, SOCK_STREAM, 0, s->ends) ? errno : 0;
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d delivered, %d read", s->delivered, s->read);
}

JOSTLE_CASE(broken) = {
	.title = "A child is asked whether it is alive, and then sent a letter",
	.tags = "process alive kill zombie check-then-act",
	.why = "kill() with signal 0 finds a zombie, too, and the child may end right after it was "
	       "found. Neither \"it is there\" nor \"it was written\" means \"it was read\".",
	.ref = "kill(2): existence of a zombie; CWE-367: Time-of-check Time-of-use",
	.expect = JOSTLE_OUTCOME,
	.setup = setup,
	.observe = observe,
	.body = send_if_alive,
	.outcomes = { { "1 delivered, 1 read", JOSTLE_ALLOWED, "the parent was quicker" },
		      { "0 delivered, 0 read", JOSTLE_ALLOWED, "told that the child is gone" },
		      { "1 delivered, 0 read", JOSTLE_FORBIDDEN, "sent to nobody" } },
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(fixed) = {
	.title = "Delivered is what the child has answered",
	.tags = "process alive acknowledgement",
	.why = "The parent does not ask whether the child lives. It sends, and reads the answer or "
	       "the end of the connection, which comes when the child is gone.",
	.ref = "POSIX.1-2017, recv(): 0 when the peer has performed an orderly shutdown",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.body = send_and_hear,
	.outcomes = { { "1 delivered, 1 read", JOSTLE_ALLOWED, "read and answered" },
		      { "0 delivered, 0 read", JOSTLE_ALLOWED,
			"the child was gone: try another" } },
	.schedules = 1000, /* each forks */
};
