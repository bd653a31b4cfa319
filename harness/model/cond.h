/* SPDX-License-Identifier: Apache-2.0 */
/* How a condition variable lies in the program's pthread_cond_t: all zero is
 * PTHREAD_COND_INITIALIZER. */
#ifndef JOSTLE_MODEL_COND_H
#define JOSTLE_MODEL_COND_H

#include <assert.h>
#include <pthread.h>
#include <stdint.h>
#include <time.h>

#include "model/models.h"

enum cond_flag { COND_PSHARED = 1, COND_CLOCK_MONOTONIC = 2, COND_FLAGS_MASK = 3 };

enum cond_magic {
	COND_STATIC = 0,
	COND_LIVE = 0x436f6e64,
	COND_DESTROYED = 0x646e6f43,
};

struct cond {
	uint32_t magic;    /* enum cond_magic */
	uint32_t flags;    /* enum cond_flag */
	void *mutex;       /* of those who wait, as a key; NULL: nobody waits */
	struct grave last; /* the destroy */
	uint64_t unused[2];
};

static_assert(sizeof(struct cond) == sizeof(pthread_cond_t), "a condition is the program's object");

/* What pthread_cond_timedwait() measures by. */
static inline clockid_t cond_clock(const pthread_cond_t *cond)
{
	const struct cond *c = (const struct cond *)(const void *)cond;

	return c->flags & COND_CLOCK_MONOTONIC ? CLOCK_MONOTONIC : CLOCK_REALTIME;
}

/*
 * A wait ended for a handler. EINTR: the mutex is still held, the whole wait is published again.
 * COND_INTERRUPTED plus a result: it is not held; the wait is published again at COND_WOKEN with
 * that result in args[COND_ARG_RESULT], so the thread returns as after a spurious wakeup.
 */
#define COND_INTERRUPTED 0x10000

enum {
	COND_ARG_RESULT
}; /* of the wait itself, returned if the mutex comes back without an error */

/* op.phase of a COND_WAIT. */
enum cond_phase {
	COND_ENTER,   /* holds the mutex, is about to release it */
	COND_WAITING, /* stands in the condition's waiters, or was taken out by a timeout, a cancel
			 or an interruption */
	COND_WOKEN, /* wants the mutex (op.object2) back; the condition is not touched any more, it
		       may be gone */
};

#endif
