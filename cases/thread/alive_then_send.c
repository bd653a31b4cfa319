/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "Is it alive?" is a question about the past. The worker is alive when it is asked; before the
 * letter lies in its box it has looked into the box for the last time and gone home. Nobody will
 * ever read the letter, and its sender believes that it was delivered.
 */
#include "jostle.h"

#include <stdio.h>

struct jostle_state {
	pthread_mutex_t lock;
	int alive;      /* guarded by lock */
	int letters;    /* guarded by lock: in the box */
	int sent, read; /* guarded by lock */
};

/* Empties the box. Called with the lock held. */
static void read_box(struct jostle_state *s)
{
	s->read += s->letters;
	s->letters = 0;
}

static void worker(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	read_box(s);
	s->alive = 0;
	pthread_mutex_unlock(&s->lock);
}

static int is_alive(struct jostle_state *s)
{
	int alive;

	pthread_mutex_lock(&s->lock);
	alive = s->alive;
	pthread_mutex_unlock(&s->lock);
	return alive;
}

static void send(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	s->letters++; /* OUTCOME: the worker may have gone since it was asked */
	s->sent++;
	pthread_mutex_unlock(&s->lock);
}

static void send_if_alive(struct jostle_state *s)
{
	if (is_alive(s))
		send(s);
}

/* Asks and sends while it holds the lock, which the worker needs to go. */
static void send_while_alive(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	if (s->alive) {
		s->letters++;
		s->sent++;
	}
	pthread_mutex_unlock(&s->lock);
}

static int setup(struct jostle_state *s)
{
	s->alive = 1;
	return pthread_mutex_init(&s->lock, NULL);
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d sent, %d read", s->sent, s->read);
}

static void teardown(struct jostle_state *s)
{
	pthread_mutex_destroy(&s->lock);
}

JOSTLE_CASE(broken) = {
	.title = "A thread is asked whether it is alive, and then sent a letter",
	.tags = "thread alive check-then-act",
	.why = "Both steps are locked, and the worker ends between them. An answer about a thread "
	       "that runs by itself is out of date when one has it.",
	.ref = "CWE-367: Time-of-check Time-of-use (TOCTOU) Race Condition",
	.expect = JOSTLE_OUTCOME,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "worker", worker }, { "sender", send_if_alive } },
	.outcomes = { { "1 sent, 1 read", JOSTLE_ALLOWED, "the sender was quicker" },
		      { "0 sent, 0 read", JOSTLE_ALLOWED,
			"the worker had gone, and this was seen" },
		      { "1 sent, 0 read", JOSTLE_FORBIDDEN, "sent to nobody" } },
};

JOSTLE_CASE(fixed) = {
	.title = "The worker cannot go between the question and the letter",
	.tags = "thread alive check-then-act",
	.why = "The worker empties its box and signs off in one critical section, and the sender "
	       "asks and sends in one. Whichever comes first, the other one sees it.",
	.ref = "CWE-367: Time-of-check Time-of-use (TOCTOU) Race Condition",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "worker", worker }, { "sender", send_while_alive } },
	.outcomes = { { "1 sent, 1 read", JOSTLE_ALLOWED, "the sender was quicker" },
		      { "0 sent, 0 read", JOSTLE_ALLOWED,
			"the worker had gone, and this was seen" } },
};
