/* SPDX-License-Identifier: Apache-2.0 */
/* pthread.h: how threads end and are waited for. */
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "differential.h"

static sem_t go, done;

static void *returns(void *value)
{
	return value;
}

static void *waits(void *value)
{
	sem_wait(&go);
	return value;
}

static void *waits_and_tells(void *value)
{
	sem_wait(&go);
	sem_post(&done);
	return value;
}

/* A detached thread must have taken its leave to go before another waits for one. */
static void let_go_detached(void)
{
	sem_post(&go);
	sem_wait(&done);
}

static void *leaves(void *value)
{
	pthread_exit(value);
}

static pthread_t started(void *(*function)(void *), void *argument)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, function, argument))
		abort();
	return thread;
}

static void let_go(pthread_t thread)
{
	sem_post(&go);
	pthread_join(thread, NULL);
}

static void *joins(void *thread)
{
	void *value = NULL;

	GIVES(pthread_join(*(pthread_t *)thread, &value));
	with(", value %ld", (long)value);
	return value;
}

static void *joins_itself(void *unused)
{
	GIVES(pthread_join(pthread_self(), NULL));
	GIVES(pthread_tryjoin_np(pthread_self(), NULL));
	GIVES(pthread_timedjoin_np(pthread_self(), NULL, &past));
	GIVES(pthread_clockjoin_np(pthread_self(), NULL, CLOCK_MONOTONIC, &past));
	return unused;
}

static void join(void)
{
	pthread_t thread = started(returns, (void *)1);
	void *value = NULL;

	GIVES(pthread_join(thread, &value));
	with(", value %ld", (long)value);
	thread = started(leaves, (void *)-2);
	GIVES(pthread_join(thread, &value));
	with(", value %ld", (long)value);
	thread = started(returns, NULL);
	GIVES(pthread_join(thread, NULL));
	in_thread(joins_itself, NULL);
	thread = started(waits, NULL);
	pthread_cancel(thread);
	GIVES(pthread_join(thread, &value));
	with(", cancelled %d", value == PTHREAD_CANCELED);
	thread = started(waits, (void *)3);
	sem_post(&go);
	value = in_thread(joins, &thread);
	thread = started(waits_and_tells, NULL);
	pthread_detach(thread);
	GIVES(pthread_join(thread, &value));
	GIVES(pthread_tryjoin_np(thread, &value));
	GIVES(pthread_timedjoin_np(thread, &value, &past));
	GIVES(pthread_clockjoin_np(thread, &value, CLOCK_MONOTONIC, &past));
	let_go_detached();
}

static void timed_joins(void)
{
	struct timespec real, monotonic, late;
	pthread_t thread = started(waits, (void *)4);
	void *value = NULL;
	long error;

	GIVES(pthread_tryjoin_np(thread, &value));
	with(", value %ld", (long)value);
	GIVES(pthread_timedjoin_np(thread, &value, &past));
	real = from_now(CLOCK_REALTIME, 20);
	GIVES(pthread_timedjoin_np(thread, &value, &real));
	with(", late enough %d", elapsed(CLOCK_REALTIME, &real, 0));
	GIVES(pthread_clockjoin_np(thread, &value, CLOCK_MONOTONIC, &past));
	GIVES(pthread_clockjoin_np(thread, &value, CLOCK_PROCESS_CPUTIME_ID, &past));
	monotonic = from_now(CLOCK_MONOTONIC, 20);
	GIVES(pthread_clockjoin_np(thread, &value, CLOCK_MONOTONIC, &monotonic));
	with(", late enough %d", elapsed(CLOCK_MONOTONIC, &monotonic, 0));
	GIVES(pthread_tryjoin_np(thread, &value));
	sem_post(&go);
	while ((error = pthread_tryjoin_np(thread, &value)) == EBUSY)
		sched_yield();
	gives("pthread_tryjoin_np", error);
	with(", value %ld", (long)value);
	late = from_now(CLOCK_REALTIME, 60000);
	thread = started(leaves, (void *)5);
	/* A schedule may let the deadline come first, however late it is. */
	while ((error = pthread_timedjoin_np(thread, &value, &late)) == ETIMEDOUT)
		late = from_now(CLOCK_REALTIME, 60000);
	gives("pthread_timedjoin_np(thread, &value, &late)", error);
	with(", value %ld", (long)value);
	thread = started(returns, (void *)6);
	GIVES(pthread_timedjoin_np(thread, &value, NULL));
	with(", value %ld", (long)value);
	thread = started(returns, (void *)7);
	while ((error = pthread_clockjoin_np(thread, &value, CLOCK_REALTIME, &late)) == ETIMEDOUT)
		late = from_now(CLOCK_REALTIME, 60000);
	gives("pthread_clockjoin_np(thread, &value, CLOCK_REALTIME, &late)", error);
	with(", value %ld", (long)value);
	thread = started(returns, (void *)8);
	GIVES(pthread_clockjoin_np(thread, NULL, CLOCK_MONOTONIC, NULL));
	thread = started(waits, NULL);
	GIVES(pthread_tryjoin_np(thread, NULL));
	let_go(thread);
}

static void *detaches_itself(void *unused)
{
	GIVES(pthread_detach(pthread_self()));
	GIVES(pthread_detach(pthread_self()));
	sem_post(&done);
	return unused;
}

static void detach(void)
{
	pthread_attr_t attr;
	pthread_t thread = started(waits_and_tells, NULL);

	GIVES(pthread_detach(thread));
	GIVES(pthread_detach(thread));
	let_go_detached();
	started(detaches_itself, NULL);
	sem_wait(&done);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_create(&thread, &attr, waits_and_tells, NULL);
	GIVES(pthread_detach(thread));
	let_go_detached();
	pthread_attr_destroy(&attr);
	thread = started(returns, NULL);
	GIVES(pthread_detach(thread));
}

/* ---- pthread_exit: from a nested call, with handlers, in a thread-specific destructor ---- */

static int cleaned;
static pthread_key_t key;

static void cleanup(void *value)
{
	cleaned = cleaned * 10 + (int)(long)value;
}

static void nested(void *value)
{
	pthread_cleanup_push(cleanup, (void *)2);
	pthread_exit(value);
	pthread_cleanup_pop(0);
}

static void *leaves_deep(void *value)
{
	pthread_cleanup_push(cleanup, (void *)1);
	nested(value);
	pthread_cleanup_pop(0);
	return NULL;
}

static void *leaves_with_key(void *value)
{
	pthread_setspecific(key, (void *)5);
	pthread_exit(value);
}

static void last_thread_of_a_process(void)
{
	pthread_exit((void *)7);
}

static void *exits_process(void *unused)
{
	(void)unused;
	_exit(9);
}

static void main_leaves_first(void)
{
	started(exits_process, NULL);
	pthread_exit(NULL);
}

static void leaving(void)
{
	const void *value = in_thread(leaves, (void *)11);
	int status;

	says("pthread_exit", "value %ld", (long)value);
	value = in_thread(leaves_deep, (void *)13);
	says("pthread_exit", "value %ld, handlers %d", (long)value, cleaned);
	cleaned = 0;
	pthread_key_create(&key, cleanup);
	value = in_thread(leaves_with_key, NULL);
	says("pthread_exit", "value %ld, destructors %d", (long)value, cleaned);
	pthread_key_delete(key);
	status = in_child(last_thread_of_a_process);
	says("pthread_exit", "the last thread: exited %d with %d", WIFEXITED(status),
	     WEXITSTATUS(status));
	status = in_child(main_leaves_first);
	says("pthread_exit", "the main thread: exited %d with %d", WIFEXITED(status),
	     WEXITSTATUS(status));
}

void endings(void)
{
	sem_init(&go, 0, 0);
	sem_init(&done, 0, 0);
	join();
	timed_joins();
	detach();
	leaving();
}
