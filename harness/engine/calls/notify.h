/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Functions that run because something happened (SIGEV_THREAD): a timer expired, a message came
 * into an empty queue.
 *
 * libc has a thread of its own wait for that and start another one for the function. Here what
 * happens is known to the engine itself, which makes the function's thread there and then: a
 * detached thread of the schedule like any other, with the attributes that were given, made by the
 * thread that armed the notification. It knows of what was done before it was
 * armed, or sent, and of nothing later: that its maker went on meanwhile orders nothing.
 *
 * Virtual time passes as the strategy likes, so a periodic timer could make threads without end
 * while nobody else gets on. Its expiries are overruns, which POSIX allows for and libc has when
 * its thread does not get to run, as long as others can run and the last thread has not begun, some
 * have not ended, or few steps have passed for as many threads as there were. Where all others wait
 * each expiry makes a thread, and so does each that was set to come once.
 */
#ifndef JOSTLE_ENGINE_NOTIFY_H
#define JOSTLE_ENGINE_NOTIFY_H

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "event/thread.h"

struct notification {
	void (*function)(union sigval);
	union sigval value;
	uint64_t signals_blocked;
	bool has_attributes;
	pthread_attr_t attributes; /* its plain fields; the caller may destroy the original */
	thread_id by;              /* who armed it last */
	thread_id last;            /* the thread that was made last, or THREAD_NONE */
	uint32_t made;             /* threads so far, the last one in step */
	uint32_t step;
	void *site; /* where it was armed */
};

/* What the races between threads know a notification by: one of process's timers or queues. */
static inline uint64_t notify_object(process_id process, bool queue, unsigned n)
{
	return (uint64_t)process << 24 | (uint64_t)queue << 16 | (uint64_t)n << 8 | 0x81;
}

/* What the program asked for, with a notify of SIGEV_THREAD; and which signals libc lets the
 * function block. */
void notify_init(struct notification *, const struct sigevent *, uint64_t blocked, uint64_t object);
/* The thread arms it, at site, or adds to what the function may rely on. */
void notify_armed(struct notification *, thread_id, void *site, uint64_t object);
/* The thread caused it, and hands what it did so far to the function. */
void notify_sent(thread_id, uint64_t object);
/* It has threads enough for now: what comes again may be an overrun this time. */
bool notify_is_busy(const struct notification *);
/* It happened: makes the thread. On the engine's stack, in the process that armed it. */
void notify_run(struct notification *, uint64_t object);

#endif
