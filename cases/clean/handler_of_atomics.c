/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A signal handler that touches only lock-free atomics, and what it publishes with them: it may be
 * shared with the interrupted thread and with any other. The interrupted thread's own plain
 * variable, of type volatile sig_atomic_t, is no race either, as long as nobody else reads it.
 */
#include "jostle.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>

static atomic_int signals;
static volatile sig_atomic_t own;
static int data;

struct jostle_state {
	struct sigaction before;
	int seen;
};

static void on_signal(int number)
{
	(void)number;
	own = 1;
	data = 7;
	atomic_fetch_add_explicit(&signals, 1, memory_order_release);
}

static void interrupted(struct jostle_state *s)
{
	(void)s;
	pthread_kill(pthread_self(), SIGUSR2);
	if (own) /* in its own handler's thread */
		atomic_fetch_add_explicit(&signals, 1, memory_order_release);
}

static void watch(struct jostle_state *s)
{
	s->seen = 7;
	if (atomic_load_explicit(&signals, memory_order_acquire))
		s->seen = data;
}

static int setup(struct jostle_state *s)
{
	struct sigaction action = { .sa_handler = on_signal };

	return sigaction(SIGUSR2, &action, &s->before) ? errno : 0;
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d", s->seen);
}

static void teardown(struct jostle_state *s)
{
	sigaction(SIGUSR2, &s->before, NULL);
}

JOSTLE_CASE(publishes) = {
	.title = "A signal handler publishes by a lock-free atomic",
	.tags = "clean signal atomic",
	.why = "The handler runs in the thread that it interrupts and is ordered with it; other "
	       "threads are ordered by the atomic.",
	.ref = "C11 7.14.1.1 paragraph 5: lock-free atomic objects in a signal handler",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "interrupted", interrupted }, { "watch", watch } },
	.outcomes = { { "7", JOSTLE_ALLOWED, "what the handler wrote, or nothing yet" } },
};
