/* SPDX-License-Identifier: Apache-2.0 */
/* A timer or a queue that has a function run in a thread, for programs under test. */
#ifndef JOSTLE_TESTS_NOTIFICATIONS_H
#define JOSTLE_TESTS_NOTIFICATIONS_H

#include <fcntl.h>
#include <mqueue.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "must.h"

#define MS 1000000L

static mqd_t queue;

static timer_t timer_of(void (*function)(union sigval), int value, pthread_attr_t *attributes)
{
	struct sigevent event = { .sigev_notify = SIGEV_THREAD,
				  .sigev_notify_function = function,
				  .sigev_notify_attributes = attributes,
				  .sigev_value.sival_int = value };
	timer_t timer;

	must(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0);
	return timer;
}

static void arm(timer_t timer, long first_ms, long every_ms)
{
	const struct itimerspec set = { { 0, every_ms * MS }, { 0, first_ms * MS } };

	must(timer_settime(timer, 0, &set, NULL) == 0);
}

/* Returns another descriptor of it, on which a receiver waits. */
static inline mqd_t open_queue(void)
{
	mqd_t blocking;

	struct mq_attr attributes = { .mq_maxmsg = 4, .mq_msgsize = 16 };
	char name[64];

	snprintf(name, sizeof(name), "/notifications-%d", (int)getpid());
	queue = mq_open(name, O_RDWR | O_CREAT | O_EXCL | O_NONBLOCK, 0600, &attributes);
	blocking = mq_open(name, O_RDWR);
	must(queue >= 0 && blocking >= 0 && mq_unlink(name) == 0);
	return blocking;
}

static struct sigevent telling(void (*function)(union sigval))
{
	return (struct sigevent){ .sigev_notify = SIGEV_THREAD,
				  .sigev_notify_function = function,
				  .sigev_value.sival_int = 4 };
}

#endif
