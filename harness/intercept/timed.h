/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Deadlines of the timed functions, and the second names under which glibc exports its functions.
 *
 * glibc differs from function to function in when it looks at a timespec: mutexes do when they must
 * wait, all others at once. Both live here, so that each interposed function says which one it is.
 */
#ifndef JOSTLE_INTERCEPT_TIMED_H
#define JOSTLE_INTERCEPT_TIMED_H

#include <errno.h>
#include <stdbool.h>
#include <time.h>

#include "engine/engine.h"
#include "model/mutex.h"

/* The clocks that glibc waits by. */
static inline bool timed_clock(clockid_t clock)
{
	return clock == CLOCK_REALTIME || clock == CLOCK_MONOTONIC;
}

static inline bool timed_valid(const struct timespec *abstime)
{
	return abstime->tv_nsec >= 0 && abstime->tv_nsec < 1000000000;
}

/* What op.deadline_ns must be; one that is invalid matters only if there is a wait. */
static inline uint64_t timed_deadline(clockid_t clock, const struct timespec *abstime)
{
	uint64_t deadline_ns;

	return engine_deadline(clock, abstime, &deadline_ns) == 0 ? deadline_ns
								  : MODEL_DEADLINE_INVALID;
}

/*
 * Waits for a lock, or at a barrier, to the end: a signal handler that is to run meanwhile runs, on
 * the way out of engine_step(), and the wait goes on, as POSIX has it for all locks.
 */
static inline int step_for_lock(enum op_kind kind, const void *object, uint64_t deadline_ns,
				void *site)
{
	struct op *op = engine_publish(kind, object, site);

	op->flags = OP_INTERRUPTIBLE | OP_RESUMES;
	op->deadline_ns = deadline_ns;
	return engine_step_int();
}

/* ... for a mutex, as long as it takes. Nobody needs to ask about a thread while another one holds
 * its mutex. */
static inline int step_for_mutex(const void *mutex, void *site)
{
	struct op *op = engine_publish_gated(OP_MUTEX_LOCK, mutex, site,
					     mutex_gate((const struct mutex *)mutex));

	op->flags = OP_INTERRUPTIBLE | OP_RESUMES;
	return engine_step_int();
}

/* The same for conditions, by whichever name (cond.c): a handler makes the wait end spuriously. */
int cond_wait_until(void *cond, void *mutex, uint64_t deadline_ns, void *site);

/* Reads the first byte on the program's stack and account: a pointer to nowhere crashes there, as
 * it does in glibc, and not in a model. */
#define TOUCH(object) ((void)*(const volatile char *)(object))

/* Exports target under a second name; symbol is what the linker sees of it, as a string. */
#if defined(__GNUC__) && !defined(__clang__)
#define ALIAS_ATTRIBUTES(target) \
	__attribute__((alias(#target), copy(target), visibility("default")))
#else
#define ALIAS_ATTRIBUTES(target) __attribute__((alias(#target), visibility("default")))
#endif
#define ALIAS(name, target) extern __typeof__(target) name ALIAS_ATTRIBUTES(target)
#define ALIAS_SYMBOL(name, symbol, target) \
	extern __typeof__(target) name __asm__(symbol) ALIAS_ATTRIBUTES(target)

#endif
