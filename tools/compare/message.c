/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A message of 64 bytes to somebody and an answer back. The answer is the message with its number
 * raised by one, so that a message that is lost, torn or old is seen. Nobody is tied to a
 * processor: where the two sides run is the kernel's choice, as in a real program.
 */
#include <errno.h>
#include <mqueue.h>
#include <semaphore.h>
#include <string.h>
#include <unistd.h>

#include "compare/kernel.h"

#define SETTLE 16 /* messages before the clock starts */

struct message {
	uint64_t number;
	char rest[MESSAGE_SIZE - sizeof(uint64_t)];
};

/* The classical bounded queue, for threads: one lock, two conditions. */
struct queue {
	pthread_mutex_t lock;
	pthread_cond_t filled, emptied;
	struct message messages[QUEUE_ROOM];
	unsigned first, count;
};

/* One message at a time, which its receiver takes out before the next is put in. */
struct place {
	sem_t filled, emptied;
	struct message message;
};

struct line {
	struct kernel_call *call;
	uint64_t count;
	bool (*send)(struct line *, unsigned to, const struct message *);
	bool (*receive)(struct line *, unsigned side, struct message *);
	int pipes[2][2];
	struct queue queues[2];
	struct place places[2];
};

static bool pipe_send(struct line *line, unsigned to, const struct message *message)
{
	/* Below PIPE_BUF, so it goes in one piece. */
	return write(line->pipes[to][1], message, sizeof(*message)) == sizeof(*message);
}

static bool pipe_receive(struct line *line, unsigned side, struct message *message)
{
	return read(line->pipes[side][0], message, sizeof(*message)) == sizeof(*message);
}

static bool mq_send_to(struct line *line, unsigned to, const struct message *message)
{
	return mq_send(line->call->queues[to], (const char *)message, sizeof(*message), 0) == 0;
}

static bool mq_receive_at(struct line *line, unsigned side, struct message *message)
{
	return mq_receive(line->call->queues[side], (char *)message, sizeof(*message), NULL) ==
	       sizeof(*message);
}

static bool queue_send(struct line *line, unsigned to, const struct message *message)
{
	struct queue *queue = &line->queues[to];

	pthread_mutex_lock(&queue->lock);
	while (queue->count == QUEUE_ROOM)
		pthread_cond_wait(&queue->emptied, &queue->lock);
	queue->messages[(queue->first + queue->count++) % QUEUE_ROOM] = *message;
	pthread_cond_signal(&queue->filled);
	pthread_mutex_unlock(&queue->lock);
	return true;
}

static bool queue_receive(struct line *line, unsigned side, struct message *message)
{
	struct queue *queue = &line->queues[side];

	pthread_mutex_lock(&queue->lock);
	while (queue->count == 0)
		pthread_cond_wait(&queue->filled, &queue->lock);
	*message = queue->messages[queue->first];
	queue->first = (queue->first + 1) % QUEUE_ROOM;
	queue->count--;
	pthread_cond_signal(&queue->emptied);
	pthread_mutex_unlock(&queue->lock);
	return true;
}

static bool wait_for(sem_t *semaphore)
{
	while (sem_wait(semaphore) < 0)
		if (errno != EINTR)
			return false;
	return true;
}

static bool shared_send(struct line *line, unsigned to, const struct message *message)
{
	struct place *place = &line->places[to];

	if (!wait_for(&place->emptied))
		return false;
	place->message = *message;
	return sem_post(&place->filled) == 0;
}

static bool shared_receive(struct line *line, unsigned side, struct message *message)
{
	struct place *place = &line->places[side];

	if (!wait_for(&place->filled))
		return false;
	*message = place->message;
	return sem_post(&place->emptied) == 0;
}

static void answer(void *context)
{
	struct line *line = context;
	struct message message;

	for (uint64_t i = 0; i < line->count; i++) {
		if (!line->receive(line, 1, &message)) {
			kernel_fail(line->call, "receiving a message");
			return;
		}
		message.number++;
		if (!line->send(line, 0, &message)) {
			kernel_fail(line->call, "answering a message");
			return;
		}
	}
}

static bool ask(struct line *line, uint64_t number)
{
	struct message message = { .number = number }, back = { .number = 0 };

	memset(message.rest, (int)(number & 0xff), sizeof(message.rest));
	if (!line->send(line, 1, &message) || !line->receive(line, 0, &back)) {
		kernel_fail(line->call, "sending a message");
		return false;
	}
	message.number++;
	if (memcmp(&message, &back, sizeof(back)) == 0)
		return true;
	errno = EBADMSG;
	kernel_fail(line->call, "the answer is to another message");
	return false;
}

static void talk(struct kernel_call *call, struct line *line)
{
	struct peer peer;
	struct series series = { .count = 0 };

	line->call = call;
	line->count = SERIES * call->operations + SETTLE;
	if (!peer_start(&peer, call, answer, line))
		return;
	for (uint64_t i = 0; i < line->count; i++) {
		if (i >= SETTLE && (i - SETTLE) % call->operations == 0)
			series_mark(&series);
		if (!ask(line, 2 * i))
			return; /* the other side ends with this process */
	}
	series_mark(&series);
	call->values[0] = series_median(&series);
	peer_join(&peer, call);
}

void kernel_message_pipe(struct kernel_call *call)
{
	struct line *line = kernel_shared(sizeof(*line));

	line->send = pipe_send;
	line->receive = pipe_receive;
	if (pipe(line->pipes[0]) < 0 || pipe(line->pipes[1]) < 0)
		kernel_fail(call, "pipe");
	else
		talk(call, line);
}

void kernel_message_queue(struct kernel_call *call)
{
	struct line *line = kernel_shared(sizeof(*line));
	const bool between_processes = call->way == WAY_PROCESS;

	line->send = between_processes ? mq_send_to : queue_send;
	line->receive = between_processes ? mq_receive_at : queue_receive;
	for (unsigned side = 0; side < 2; side++) {
		pthread_mutex_init(&line->queues[side].lock, NULL);
		pthread_cond_init(&line->queues[side].filled, NULL);
		pthread_cond_init(&line->queues[side].emptied, NULL);
	}
	talk(call, line);
}

void kernel_message_shared(struct kernel_call *call)
{
	struct line *line = kernel_shared(sizeof(*line));
	const int between_processes = call->way == WAY_PROCESS;

	line->send = shared_send;
	line->receive = shared_receive;
	for (unsigned side = 0; side < 2; side++) {
		sem_init(&line->places[side].filled, between_processes, 0);
		sem_init(&line->places[side].emptied, between_processes, 1);
	}
	talk(call, line);
}
