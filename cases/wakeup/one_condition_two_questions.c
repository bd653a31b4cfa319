/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A mailbox for one letter with a single condition for both questions, "is there a letter?" and "is
 * there room?". A signal wakes anybody who waits. When it wakes one who asked the other question,
 * that thread goes back to sleep and the signal is used up.
 */
#include "jostle.h"

struct jostle_state {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	int letters;
};

static void read_letter(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	while (s->letters == 0)
		pthread_cond_wait(&s->changed, &s->lock); /* DEADLOCK: a reader was woken */
	s->letters--;
	pthread_cond_signal(&s->changed); /* SEE: may wake the other reader */
	pthread_mutex_unlock(&s->lock);
}

static void write_letter(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	while (s->letters == 1)
		pthread_cond_wait(&s->changed, &s->lock); /* DEADLOCK: there is room by now */
	s->letters++;
	pthread_cond_signal(&s->changed); /* SEE: may wake the other writer */
	pthread_mutex_unlock(&s->lock);
}

static void read_letter_tell_all(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	while (s->letters == 0)
		pthread_cond_wait(&s->changed, &s->lock);
	s->letters--;
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
}

static void write_letter_tell_all(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	while (s->letters == 1)
		pthread_cond_wait(&s->changed, &s->lock);
	s->letters++;
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
}

static int setup(struct jostle_state *s)
{
	int error = pthread_mutex_init(&s->lock, NULL);

	return error ? error : pthread_cond_init(&s->changed, NULL);
}

static void teardown(struct jostle_state *s)
{
	pthread_cond_destroy(&s->changed);
	pthread_mutex_destroy(&s->lock);
}

JOSTLE_CASE(broken) = {
	.title = "Readers and writers wait on one condition, and a signal wakes the wrong one",
	.tags = "condition queue",
	.why = "Two readers and a writer sleep while the mailbox is empty again. The one signal "
	       "that says so wakes a reader, who finds nothing and sleeps on, and the writer is "
	       "never told that there is room.",
	.ref = "POSIX.1-2017, pthread_cond_signal(): unblocks at least one of the threads",
	.expect = JOSTLE_DEADLOCK,
	.cause = "missed-broadcast",
	.setup = setup,
	.teardown = teardown,
	.threads = { { "reader 1", read_letter },
		     { "reader 2", read_letter },
		     { "writer 1", write_letter },
		     { "writer 2", write_letter } },
};

JOSTLE_CASE(fixed) = {
	.title = "With one condition for two questions, every change is broadcast",
	.tags = "condition queue",
	.why = "Everybody wakes and asks its own question again. Two conditions and signals do "
	       "the same with fewer wake-ups.",
	.ref = "POSIX.1-2017, pthread_cond_broadcast()",
	.expect = JOSTLE_PASS,
	.opt_in = JOSTLE_SPURIOUS,
	.setup = setup,
	.teardown = teardown,
	.threads = { { "reader 1", read_letter_tell_all },
		     { "reader 2", read_letter_tell_all },
		     { "writer 1", write_letter_tell_all },
		     { "writer 2", write_letter_tell_all } },
};
