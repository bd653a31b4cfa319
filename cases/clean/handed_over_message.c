/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plain data, and a message through the kernel that says that it is there: a pipe, a socket pair,
 * an eventfd, a signal that a signalfd takes, a timer. A message cannot be received before it is
 * sent.
 */
#include "jostle.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

struct jostle_state {
	int ends[2];
	int data, seen;
};

static void give(struct jostle_state *s)
{
	const uint64_t one = 1;

	s->data = 7;
	if (write(s->ends[1], &one, sizeof(one)) != sizeof(one))
		perror("write");
}

static void take(struct jostle_state *s)
{
	uint64_t one;

	if (read(s->ends[0], &one, sizeof(one)) == sizeof(one))
		s->seen = s->data;
}

static void give_closing(struct jostle_state *s)
{
	s->data = 7;
	close(s->ends[1]);
	s->ends[1] = -1;
}

static void take_end(struct jostle_state *s)
{
	char byte;

	if (read(s->ends[0], &byte, 1) == 0)
		s->seen = s->data;
}

static void give_signal(struct jostle_state *s)
{
	s->data = 7;
	kill(getpid(), SIGUSR1);
}

static void take_signal(struct jostle_state *s)
{
	struct signalfd_siginfo info;

	if (read(s->ends[0], &info, sizeof(info)) == sizeof(info) && info.ssi_signo == SIGUSR1)
		s->seen = s->data;
}

static void give_timer(struct jostle_state *s)
{
	const struct itimerspec soon = { .it_value = { .tv_nsec = 1000000 } };

	s->data = 7;
	timerfd_settime(s->ends[1], 0, &soon, NULL);
}

static int setup_pipe(struct jostle_state *s)
{
	return pipe(s->ends) ? errno : 0;
}

static int setup_socket(struct jostle_state *s)
{
	return socketpair(AF_UNIX, SOCK_STREAM, 0, s->ends) ? errno : 0;
}

static int setup_eventfd(struct jostle_state *s)
{
	s->ends[1] = eventfd(0, 0);
	s->ends[0] = s->ends[1] < 0 ? -1 : dup(s->ends[1]);
	return s->ends[0] < 0 ? errno : 0;
}

/* Blocked here, the signal is blocked in the threads, too. */
static int setup_signalfd(struct jostle_state *s)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	s->ends[0] = signalfd(-1, &signals, 0);
	s->ends[1] = dup(s->ends[0]);
	return s->ends[1] < 0 ? errno : 0;
}

static int setup_timerfd(struct jostle_state *s)
{
	s->ends[1] = timerfd_create(CLOCK_MONOTONIC, 0);
	s->ends[0] = s->ends[1] < 0 ? -1 : dup(s->ends[1]);
	return s->ends[0] < 0 ? errno : 0;
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d", s->seen);
}

static void teardown(struct jostle_state *s)
{
	close(s->ends[0]);
	if (s->ends[1] >= 0)
		close(s->ends[1]);
}

#define COMMON                                                                        \
	.ref = "Lamport: Time, Clocks, and the Ordering of Events, CACM 21(7), 1978", \
	.expect = JOSTLE_PASS, .observe = observe, .teardown = teardown,              \
	.outcomes = { { "7", JOSTLE_ALLOWED, "what was given" } }

JOSTLE_CASE(pipe_message) = {
	.title = "Handed over by a message through a pipe",
	.tags = "clean pipe",
	.why = "Who reads the message follows who wrote it.",
	.setup = setup_pipe,
	.threads = { { "give", give }, { "take", take } },
	COMMON,
};

JOSTLE_CASE(pipe_end) = {
	.title = "Handed over by the end of a pipe",
	.tags = "clean pipe",
	.why = "That nobody will write is a message, too: it comes after the last close.",
	.setup = setup_pipe,
	.threads = { { "give", give_closing }, { "take", take_end } },
	COMMON,
};

JOSTLE_CASE(socket_message) = {
	.title = "Handed over by a message through a socket",
	.tags = "clean socket",
	.why = "A connected pair of sockets orders like a pipe.",
	.setup = setup_socket,
	.threads = { { "give", give }, { "take", take } },
	COMMON,
};

JOSTLE_CASE(eventfd_count) = {
	.title = "Handed over by an eventfd",
	.tags = "clean eventfd",
	.why = "The read returns when somebody added to the count, and follows that.",
	.setup = setup_eventfd,
	.threads = { { "give", give }, { "take", take } },
	COMMON,
};

JOSTLE_CASE(signalfd_signal) = {
	.title = "Handed over by a signal that a signalfd takes",
	.tags = "clean signalfd",
	.why = "The read returns when the signal was sent, and follows that.",
	.setup = setup_signalfd,
	.threads = { { "give", give_signal }, { "take", take_signal } },
	COMMON,
};

JOSTLE_CASE(timerfd_expiry) = {
	.title = "Handed over by a timer that is set",
	.tags = "clean timerfd",
	.why = "A timer expires after it was set, and the read follows that.",
	.setup = setup_timerfd,
	.threads = { { "give", give_timer }, { "take", take } },
	COMMON,
};
