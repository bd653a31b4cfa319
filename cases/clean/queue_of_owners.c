/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages are passed as pointers through a queue, and with the pointer goes the right to touch
 * what it points to. Only the queue has a lock. The contents have none: the sender wrote them
 * before it put the pointer, and the receiver changes and frees them after it got it.
 */
#include "jostle.h"

#include <stdio.h>
#include <stdlib.h>

enum { MESSAGES = 3 };

struct message {
	int value; /* of whoever holds the pointer, no lock */
};

struct jostle_state {
	pthread_mutex_t lock;
	pthread_cond_t filled;
	struct message *queue[MESSAGES]; /* guarded by lock */
	int put, taken;                  /* guarded by lock */
	int sum;                         /* the receiver's, then observe()'s */
};

static void put(struct jostle_state *s, struct message *message)
{
	pthread_mutex_lock(&s->lock);
	s->queue[s->put++] = message;
	pthread_cond_signal(&s->filled);
	pthread_mutex_unlock(&s->lock);
}

static struct message *take(struct jostle_state *s)
{
	struct message *message;

	pthread_mutex_lock(&s->lock);
	while (s->taken == s->put)
		pthread_cond_wait(&s->filled, &s->lock);
	message = s->queue[s->taken++];
	pthread_mutex_unlock(&s->lock);
	return message;
}

static void sender(struct jostle_state *s)
{
	for (int i = 1; i <= MESSAGES; i++) {
		struct message *message = malloc(sizeof(*message));

		if (!message)
			abort();
		message->value = i;
		put(s, message);
	}
}

static void receiver(struct jostle_state *s)
{
	for (int i = 0; i < MESSAGES; i++) {
		struct message *message = take(s);

		message->value *= 10;
		s->sum += message->value;
		free(message);
	}
}

static int setup(struct jostle_state *s)
{
	int error = pthread_mutex_init(&s->lock, NULL);

	return error ? error : pthread_cond_init(&s->filled, NULL);
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d", s->sum);
}

static void teardown(struct jostle_state *s)
{
	pthread_cond_destroy(&s->filled);
	pthread_mutex_destroy(&s->lock);
}

JOSTLE_CASE(passed_on) = {
	.title = "Messages are changed and freed by whoever took their pointer",
	.tags = "clean queue condition ownership free",
	.why = "No lock is ever held around the contents, and none is needed: the queue's lock "
	       "orders the put before the take, and nobody keeps a pointer that was put.",
	.ref = "POSIX.1-2017, 4.12 Memory Synchronization",
	.expect = JOSTLE_PASS,
	.opt_in = JOSTLE_SPURIOUS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "sender", sender }, { "receiver", receiver } },
	.outcomes = { { "60", JOSTLE_ALLOWED, "each message arrived once" } },
};
