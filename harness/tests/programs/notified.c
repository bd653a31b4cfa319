/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What can be wrong about a function that a timer or a queue runs in a thread, each beside a twin
 * that is right.
 *
 *	notified race          the function and main count without a lock
 *	notified ordered       the same, each behind what it waits for
 *	notified deadlock      main waits for the function with the lock that it needs
 *	notified released      the same without the lock
 *	notified lost          the message came before anybody asked to be told
 *	notified told          the same, and the queue is looked at
 *	notified late          what the function reads is written behind the message
 *	notified handed        before it
 */
#include <string.h>

#include "notifications.h"

static sem_t happened;
static int count;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void counts(union sigval value)
{
	(void)value;
	count++;
	sem_post(&happened);
}

static void race(int ordered)
{
	const timer_t timer = timer_of(counts, 0, NULL);

	count = 1;
	arm(timer, 1, 0);
	if (ordered)
		sem_wait(&happened);
	count++;
	if (!ordered)
		sem_wait(&happened);
	timer_delete(timer);
}

static void tick(union sigval value)
{
	(void)value;
	pthread_mutex_lock(&lock);
	count++;
	pthread_mutex_unlock(&lock);
	sem_post(&happened);
}

static void deadlock(int released)
{
	const timer_t timer = timer_of(tick, 1, NULL);

	pthread_mutex_lock(&lock);
	arm(timer, 1, 0);
	if (released)
		pthread_mutex_unlock(&lock);
	sem_wait(&happened);
	if (!released)
		pthread_mutex_unlock(&lock);
}

static void received(union sigval value)
{
	char message[16];

	(void)value;
	/* Main may have been quicker. */
	must(mq_receive(queue, message, sizeof(message), NULL) > 0 || errno == EAGAIN);
	sem_post(&happened);
}

static void *sends(void *nothing)
{
	must(mq_send(queue, "once", 4, 0) == 0);
	return nothing;
}

static void missed(int looks)
{
	const struct sigevent event = telling(received);
	char message[16];
	pthread_t thread;

	mq_close(open_queue());
	must(pthread_create(&thread, NULL, sends, NULL) == 0);
	must(mq_notify(queue, &event) == 0);
	if (!looks || mq_receive(queue, message, sizeof(message), NULL) < 0)
		sem_wait(&happened);
	pthread_join(thread, NULL);
}

static void reads(union sigval value)
{
	(void)value;
	must(count >= 0);
	sem_post(&happened);
}

static void *writes(void *before)
{
	if (before)
		count = 1;
	must(mq_send(queue, "m", 1, 0) == 0);
	if (!before)
		count = 1;
	return NULL;
}

static void sent(int before)
{
	const struct sigevent event = telling(reads);
	pthread_t thread;

	mq_close(open_queue());
	must(mq_notify(queue, &event) == 0);
	must(pthread_create(&thread, NULL, writes, before ? &happened : NULL) == 0);
	/* Others run when the message goes. */
	for (int i = 0; i < 3; i++) {
		pthread_mutex_lock(&lock);
		pthread_mutex_unlock(&lock);
	}
	sem_wait(&happened);
	pthread_join(thread, NULL);
}

static const struct {
	const char *name;
	void (*run)(int);
	int argument;
} pairs[] = {
	{ "race", race, 0 },         { "ordered", race, 1 }, { "deadlock", deadlock, 0 },
	{ "released", deadlock, 1 }, { "lost", missed, 0 },  { "told", missed, 1 },
	{ "late", sent, 0 },         { "handed", sent, 1 },
};

int main(int argc, char **argv)
{
	must(sem_init(&happened, 0, 0) == 0);
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		if (argc > 1 && strcmp(argv[1], pairs[i].name) == 0) {
			pairs[i].run(pairs[i].argument);
			return 0;
		}
	return 2;
}
