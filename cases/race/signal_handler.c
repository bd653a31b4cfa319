/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A signal handler counts, and another thread reads the count. "volatile sig_atomic_t" is for a
 * handler and the thread that it interrupts. Between two threads it is a plain variable.
 */
#include "jostle.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>

static volatile sig_atomic_t interrupts;
static atomic_int interrupts_atomic;

struct jostle_state {
	struct sigaction before;
	int seen;
};

static void on_signal(int number)
{
	(void)number;
	interrupts = 1; /* RACE: runs in one thread and is read by the other */
}

static void on_signal_atomic(int number)
{
	(void)number;
	atomic_store(&interrupts_atomic, 1);
}

static void interrupted(struct jostle_state *s)
{
	(void)s;
	pthread_kill(pthread_self(), SIGUSR1); /* SEE: here the handler runs */
}

static void watch(struct jostle_state *s)
{
	s->seen = interrupts; /* RACE: from another thread */
}

static void watch_atomic(struct jostle_state *s)
{
	s->seen = atomic_load(&interrupts_atomic);
}

static int install(struct jostle_state *s, void (*handler)(int))
{
	struct sigaction action = { .sa_handler = handler };

	return sigaction(SIGUSR1, &action, &s->before) ? errno : 0;
}

static int setup(struct jostle_state *s)
{
	return install(s, on_signal);
}

static int setup_atomic(struct jostle_state *s)
{
	return install(s, on_signal_atomic);
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d", s->seen);
}

static void teardown(struct jostle_state *s)
{
	sigaction(SIGUSR1, &s->before, NULL);
}

JOSTLE_CASE(broken) = {
	.title = "A signal handler in one thread, a reader in another",
	.tags = "signal",
	.why = "The handler runs in the thread that got the signal and has no order with other "
	       "threads, like any other function that runs there.",
	.ref = "C11 5.1.2.3 paragraph 5 and 5.1.2.4 paragraph 25",
	.expect = JOSTLE_RACE,
	.needs = JOSTLE_NEEDS_ACCESSES,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "interrupted", interrupted }, { "watch", watch } },
	.outcomes = { { "0", JOSTLE_ALLOWED, "before the signal" },
		      { "1", JOSTLE_ALLOWED, "after it" } },
};

JOSTLE_CASE(fixed) = {
	.title = "What the handler writes is atomic and lock-free",
	.tags = "signal atomic",
	.why = "Lock-free atomics are all that a handler may share with other threads: a lock "
	       "could be held by the very thread that it interrupted.",
	.ref = "C11 7.14.1.1 paragraph 5: lock-free atomic objects in a signal handler",
	.expect = JOSTLE_PASS,
	.setup = setup_atomic,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "interrupted", interrupted }, { "watch", watch_atomic } },
	.outcomes = { { "0", JOSTLE_ALLOWED, "before the signal" },
		      { "1", JOSTLE_ALLOWED, "after it" } },
};
