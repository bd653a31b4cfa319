/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Included before a program of the benchmarks (-include) it makes the program say who ran when: one
 * letter for each call that returned or thread that started, 'a' for main, on standard output at
 * the end. What jostle decides is not changed by it, so the letters of many schedules are the
 * sequences that its strategy makes of the plain program, for `bare --sequences`.
 */
#ifndef JOSTLE_BENCH_RECORDED_H
#define JOSTLE_BENCH_RECORDED_H

#include <pthread.h>
#include <unistd.h>

#define RECORDED_THREADS 16

static char recorded[1 << 16];
static unsigned recorded_count;
static __thread unsigned recorded_self;

static struct recorded_start {
	void *(*start)(void *);
	void *argument;
	unsigned number;
} recorded_starts[RECORDED_THREADS];
static unsigned recorded_threads;

static inline int recorded_returned(int result)
{
	if (recorded_count < sizeof(recorded) - 1)
		recorded[recorded_count++] = (char)('a' + recorded_self);
	return result;
}

static void *recorded_run(void *argument)
{
	const struct recorded_start *start = (const struct recorded_start *)argument;

	recorded_self = start->number;
	recorded_returned(0);
	return start->start(start->argument);
}

static inline int recorded_create(pthread_t *thread, const pthread_attr_t *attributes,
				  void *(*start)(void *), void *argument)
{
	struct recorded_start *own = &recorded_starts[recorded_threads++];

	*own = (struct recorded_start){ start, argument, recorded_threads };
	return recorded_returned(pthread_create(thread, attributes, recorded_run, own));
}

__attribute__((destructor)) static void recorded_tell(void)
{
	recorded[recorded_count++] = '\n';
	(void)!write(STDOUT_FILENO, recorded, recorded_count);
}

#define pthread_create(t, a, s, p) recorded_create(t, a, s, p)
#define pthread_join(t, v)         recorded_returned(pthread_join(t, v))
#define pthread_mutex_lock(m)      recorded_returned(pthread_mutex_lock(m))
#define pthread_mutex_unlock(m)    recorded_returned(pthread_mutex_unlock(m))
#define pthread_cond_wait(c, m)    recorded_returned(pthread_cond_wait(c, m))
#define pthread_cond_signal(c)     recorded_returned(pthread_cond_signal(c))

#endif
