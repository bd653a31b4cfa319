/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A mailbox for one letter has two conditions: not_empty for the reader, not_full for the writer.
 * The writer signals the one that it knows best, its own. Copy and paste does the rest.
 */
#include "jostle.h"

struct jostle_state {
	pthread_mutex_t lock;
	pthread_cond_t not_empty, not_full;
	int letters;
};

static void read_letter(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	while (s->letters == 0)
		pthread_cond_wait(&s->not_empty, &s->lock); /* DEADLOCK: nobody signals it */
	s->letters--;
	pthread_cond_signal(&s->not_full);
	pthread_mutex_unlock(&s->lock);
}

static void write_letter(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	while (s->letters == 1)
		pthread_cond_wait(&s->not_full, &s->lock);
	s->letters++;
	pthread_cond_signal(&s->not_full); /* SEE: the reader waits for not_empty */
	pthread_mutex_unlock(&s->lock);
}

static void write_letter_and_tell(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	while (s->letters == 1)
		pthread_cond_wait(&s->not_full, &s->lock);
	s->letters++;
	pthread_cond_signal(&s->not_empty);
	pthread_mutex_unlock(&s->lock);
}

static int setup(struct jostle_state *s)
{
	int error = pthread_mutex_init(&s->lock, NULL);

	error = error ? error : pthread_cond_init(&s->not_empty, NULL);
	return error ? error : pthread_cond_init(&s->not_full, NULL);
}

static void teardown(struct jostle_state *s)
{
	pthread_cond_destroy(&s->not_full);
	pthread_cond_destroy(&s->not_empty);
	pthread_mutex_destroy(&s->lock);
}

JOSTLE_CASE(broken) = {
	.title = "The wrong one of two condition variables is signalled",
	.tags = "condition queue",
	.why = "The letter is there, and the reader who waits for it is never told. A reader who "
	       "comes after the letter does not wait, so that most runs pass.",
	.ref = "Hoare: Monitors, Communications of the ACM 17(10), 1974: the bounded buffer",
	.expect = JOSTLE_DEADLOCK,
	.cause = "no-signal",
	.setup = setup,
	.teardown = teardown,
	.threads = { { "reader", read_letter }, { "writer", write_letter } },
};

JOSTLE_CASE(fixed) = {
	.title = "Who fills the mailbox signals not_empty",
	.tags = "condition queue",
	.why = "Each change signals the condition that it makes true.",
	.ref = "Hoare: Monitors, Communications of the ACM 17(10), 1974: the bounded buffer",
	.expect = JOSTLE_PASS,
	.opt_in = JOSTLE_SPURIOUS,
	.setup = setup,
	.teardown = teardown,
	.threads = { { "reader", read_letter }, { "writer", write_letter_and_tell } },
};
