/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pthread.h: cancellation and clean-up handlers. The functions that pthread_cleanup_push() and its
 * relatives expand to are called through these macros; a line of theirs says what the handlers did.
 */
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <unistd.h>

#include "differential.h"

static sem_t never, ready, go;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static int ends[2], cleaned, reached;

static pthread_t started(void *(*function)(void *), void *argument)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, function, argument))
		abort();
	return thread;
}

static void *on_semaphore(void *unused)
{
	sem_wait(&never);
	return unused;
}

static void unlock(void *unused)
{
	(void)unused;
	cleaned = pthread_mutex_unlock(&mutex) == 0;
}

static void *on_condition(void *unused)
{
	pthread_mutex_lock(&mutex);
	pthread_cleanup_push(unlock, NULL);
	sem_post(&ready);
	for (;;)
		pthread_cond_wait(&cond, &mutex);
	pthread_cleanup_pop(0);
	return unused;
}

static void *on_pipe(void *unused)
{
	char byte;

	if (read(ends[0], &byte, 1) < 0)
		return NULL;
	return unused;
}

static void *on_sleep(void *unused)
{
	for (;;)
		sleep(1000);
	return unused;
}

static void *on_join(void *thread)
{
	pthread_join(*(pthread_t *)thread, NULL);
	return NULL;
}

static void *ends_at_once(void *unused)
{
	sem_post(&ready);
	return unused;
}

static void cancel_one(const char *call, void *(*function)(void *), void *argument, int wait)
{
	const pthread_t thread = started(function, argument);
	void *value = NULL;

	if (wait)
		sem_wait(&ready);
	gives(call, pthread_cancel(thread));
	pthread_join(thread, &value);
	with(", cancelled %d", value == PTHREAD_CANCELED);
}

static void cancel(void)
{
	pthread_t target = started(on_semaphore, NULL);

	cancel_one("pthread_cancel(in sem_wait)", on_semaphore, NULL, 0);
	cancel_one("pthread_cancel(in pthread_cond_wait)", on_condition, NULL, 1);
	with(", cleaned %d", cleaned);
	cancel_one("pthread_cancel(in read)", on_pipe, NULL, 0);
	cancel_one("pthread_cancel(in sleep)", on_sleep, NULL, 0);
	cancel_one("pthread_cancel(in pthread_join)", on_join, &target, 0);
	GIVES(pthread_cancel(target));
	GIVES(pthread_cancel(target));
	GIVES(pthread_join(target, NULL)); /* the joiner that was cancelled is none */
	/* It may have ended, but still is a thread. */
	target = started(ends_at_once, NULL);
	sem_wait(&ready);
	GIVES(pthread_cancel(target));
	pthread_join(target, NULL);
}

/* ---- states and types ---- */

static void *disabled(void *unused)
{
	int old = -1;

	GIVES(pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old));
	with(", was %d", old);
	GIVES(pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old));
	with(", was %d", old);
	sem_post(&ready);
	sem_wait(&go); /* it is cancelled now */
	pthread_testcancel();
	says("pthread_testcancel", "returned, disabled");
	GIVES(pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &old));
	with(", was %d", old);
	GIVES(pthread_setcanceltype(PTHREAD_CANCEL_DEFERRED, &old));
	with(", was %d", old);
	reached = 1;
	GIVES(pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &old));
	with(", was %d", old);
	reached = 2;
	pthread_testcancel();
	reached = 3;
	return unused;
}

static void *cancels_itself(void *asynchronous)
{
	reached = 1;
	if (asynchronous)
		pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
	pthread_cancel(pthread_self());
	reached = 2;
	pthread_testcancel();
	reached = 3;
	return NULL;
}

static void *turns_asynchronous(void *unused)
{
	pthread_cancel(pthread_self());
	reached = 1;
	pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
	reached = 2;
	return unused;
}

static void *turns_enabled(void *unused)
{
	pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
	pthread_cancel(pthread_self());
	reached = 1;
	pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL);
	reached = 2;
	return unused;
}

static void *invalid_arguments(void *unused)
{
	int old = -1;

	GIVES(pthread_setcancelstate(77, &old));
	with(", was %d", old);
	GIVES(pthread_setcancelstate(-1, NULL));
	GIVES(pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL));
	GIVES(pthread_setcanceltype(77, &old));
	with(", was %d", old);
	GIVES(pthread_setcanceltype(-1, NULL));
	GIVES(pthread_setcanceltype(PTHREAD_CANCEL_DEFERRED, NULL));
	pthread_testcancel();
	says("pthread_testcancel", "returned, nothing pending");
	return unused;
}

static void states(void)
{
	const pthread_t thread = started(disabled, NULL);
	const void *value;
	void *joined = NULL;

	sem_wait(&ready);
	GIVES(pthread_cancel(thread));
	sem_post(&go);
	pthread_join(thread, &joined);
	says("pthread_testcancel", "cancelled %d at %d", joined == PTHREAD_CANCELED, reached);
	value = in_thread(cancels_itself, NULL);
	says("pthread_testcancel", "cancelled %d at %d", value == PTHREAD_CANCELED, reached);
	value = in_thread(cancels_itself, &never);
	says("pthread_setcanceltype", "cancelled %d at %d", value == PTHREAD_CANCELED, reached);
	value = in_thread(turns_asynchronous, NULL);
	says("pthread_setcanceltype", "cancelled %d at %d", value == PTHREAD_CANCELED, reached);
	value = in_thread(turns_enabled, NULL);
	says("pthread_setcancelstate", "cancelled %d at %d", value == PTHREAD_CANCELED, reached);
	in_thread(invalid_arguments, NULL);
	pthread_testcancel();
	says("pthread_testcancel", "returned in the main thread");
}

/* ---- clean-up handlers ---- */

static void digit(void *value)
{
	cleaned = cleaned * 10 + (int)(long)value;
}

/* way: 0 returns, running none; 1 running all; 2 leaves; 3 is cancelled; 4 leaves from within. */
static void *handlers(void *way)
{
	const long how = (long)way;

	pthread_cleanup_push(digit, (void *)1);
	pthread_cleanup_push(digit, (void *)2);
	if (how == 2)
		pthread_exit((void *)20);
	if (how == 3) {
		pthread_cancel(pthread_self());
		pthread_testcancel();
	}
	pthread_cleanup_pop(how == 1);
	if (how == 4)
		pthread_exit((void *)40);
	pthread_cleanup_pop(how == 1);
	return NULL;
}

/* The same with the type deferred meanwhile. */
static void *deferring(void *way)
{
	const long how = (long)way;
	int old = -1;

	pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
	pthread_cleanup_push_defer_np(digit, (void *)1);
	if (how == 2)
		pthread_exit((void *)20);
	if (how >= 3)
		pthread_cancel(pthread_self()); /* not at once */
	digit((void *)5);
	if (how == 4)
		pthread_testcancel();
	pthread_cleanup_pop_restore_np(how == 1);
	digit((void *)6);
	pthread_setcanceltype(PTHREAD_CANCEL_DEFERRED, &old);
	digit((void *)(long)(old == PTHREAD_CANCEL_ASYNCHRONOUS ? 7 : 8));
	return NULL;
}

static void scene(void *(*function)(void *), long way, const char *first, const char *second)
{
	const void *value;

	cleaned = 0;
	value = in_thread(function, (void *)way);
	for (int i = 0; i < 2; i++) {
		says(i ? second : first, "value %ld, handlers %d", (long)value, cleaned);
		with(", way %ld", way);
	}
	if (way >= 2)
		says("__pthread_unwind_next", "handlers %d", cleaned);
}

void cancellation(void)
{
	sem_init(&never, 0, 0);
	sem_init(&ready, 0, 0);
	sem_init(&go, 0, 0);
	if (pipe(ends))
		abort();
	cancel();
	states();
	for (long way = 0; way < 5; way++)
		scene(handlers, way, "__pthread_register_cancel", "__pthread_unregister_cancel");
	for (long way = 0; way < 5; way++)
		scene(deferring, way, "__pthread_register_cancel_defer",
		      "__pthread_unregister_cancel_restore");
	close(ends[0]);
	close(ends[1]);
}
