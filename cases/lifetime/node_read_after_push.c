/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A producer puts a message into a queue and then logs how long it was. Once in the queue it
 * belongs to the consumer, who may have read and freed it.
 */
#include "jostle.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct message {
	char text[16];
	int length;
};

struct jostle_state {
	pthread_mutex_t lock;
	struct message *queue; /* at most one; guarded by lock */
	struct message *prepared;
	int logged;
};

static void push(struct jostle_state *s, struct message *message)
{
	pthread_mutex_lock(&s->lock);
	s->queue = message;
	pthread_mutex_unlock(&s->lock);
}

static void produce(struct jostle_state *s)
{
	push(s, s->prepared);
	s->logged = s->prepared->length; /* LIFETIME: it is the consumer's now */
}

static void produce_logged(struct jostle_state *s)
{
	s->logged = s->prepared->length;
	push(s, s->prepared);
}

static void consume(struct jostle_state *s)
{
	struct message *message;

	pthread_mutex_lock(&s->lock);
	message = s->queue;
	s->queue = NULL;
	pthread_mutex_unlock(&s->lock);
	free(message); /* SEE: the consumer's right */
}

static int setup(struct jostle_state *s)
{
	s->prepared = calloc(1, sizeof(*s->prepared)); /* SEE: here it is allocated */
	if (!s->prepared)
		return ENOMEM;
	s->prepared->length = 5;
	return pthread_mutex_init(&s->lock, NULL);
}

static void teardown(struct jostle_state *s)
{
	free(s->queue);
	pthread_mutex_destroy(&s->lock);
}

JOSTLE_CASE(broken) = {
	.title = "A message is read by its sender after it was sent",
	.tags = "queue use-after-free mutex",
	.why = "Pushing hands over the memory, not only the pointer. The sender's own variable "
	       "still has the address, and nothing in C takes it away.",
	.ref = "CWE-416: Use After Free",
	.expect = JOSTLE_LIFETIME,
	.also = JOSTLE_ALSO(JOSTLE_RACE),
	.needs = JOSTLE_NEEDS_ACCESSES,
	.setup = setup,
	.teardown = teardown,
	.threads = { { "produce", produce }, { "consume", consume } },
};

JOSTLE_CASE(fixed) = {
	.title = "Whatever is to be known of a message is read before it is sent",
	.tags = "queue mutex",
	.why = "The push is the last that the sender does with it.",
	.ref = "CWE-416: Use After Free",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.teardown = teardown,
	.threads = { { "produce", produce_logged }, { "consume", consume } },
};
