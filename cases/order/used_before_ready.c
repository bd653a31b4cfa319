/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A server thread opens a port, a client thread connects to it. Nobody said that the client must
 * wait: the server was started first, so it will be ready first.
 */
#include "jostle.h"

#include <errno.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>

struct jostle_state {
	sem_t listening;
	atomic_int port; /* 0: not open yet */
	int connected;
};

static void serve(struct jostle_state *s)
{
	atomic_store(&s->port, 80);
	sem_post(&s->listening);
}

static void connect_at_once(struct jostle_state *s)
{
	s->connected = atomic_load(&s->port); /* OUTCOME: perhaps nobody listens yet */
}

static void connect_when_ready(struct jostle_state *s)
{
	while (sem_wait(&s->listening))
		;
	s->connected = atomic_load(&s->port);
}

static int setup(struct jostle_state *s)
{
	atomic_init(&s->port, 0);
	return sem_init(&s->listening, 0, 0) ? errno : 0;
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "port %d", s->connected);
}

static void teardown(struct jostle_state *s)
{
	sem_destroy(&s->listening);
}

JOSTLE_CASE(broken) = {
	.title = "What was started first is taken to be ready first",
	.tags = "initialisation atomic",
	.why = "The order in which threads are created says nothing of the order in which they "
	       "run. With atomics there is no data race; the order is missing all the same.",
	.ref = "Lu, Park, Seo, Zhou: Learning from Mistakes, ASPLOS 2008: order violations",
	.expect = JOSTLE_OUTCOME,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "serve", serve }, { "connect", connect_at_once } },
	.outcomes = { { "port 80", JOSTLE_ALLOWED, "the server was quicker" },
		      { "port 0", JOSTLE_FORBIDDEN, "the client was quicker" } },
};

JOSTLE_CASE(fixed) = {
	.title = "The client waits until the server says that it is ready",
	.tags = "initialisation semaphore",
	.why = "An order that is needed is written down, as a post and a wait.",
	.ref = "Lu, Park, Seo, Zhou: Learning from Mistakes, ASPLOS 2008: order violations",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "serve", serve }, { "connect", connect_when_ready } },
	.outcomes = { { "port 80", JOSTLE_ALLOWED, "always" } },
};
