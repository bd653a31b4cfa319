/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A point: a call at which a thread can be held up. Each function of ours is
 *
 *	if (!point_begin(&(struct point){ OP_..., object, object2, CALLER }))
 *		return REAL(function)(arguments);
 *	result = REAL(function)(arguments);
 *	point_end();
 *
 * Between the two the board says what the thread waits for. The delay comes before the first, when
 * the thread has done all that precedes, and after the second, when its call has taken effect.
 * errno is left alone: our own calls are raw.
 */
#ifndef JOSTLE_THREADS_POINT_H
#define JOSTLE_THREADS_POINT_H

#include <stdbool.h>
#include <stdint.h>

#include "event/op.h"
#include "threads/self.h"

struct point {
	enum op_kind kind;
	const volatile void *object;
	const volatile void *object2;
	const void *site; /* return address into the program */
	bool timed;       /* the call ends by itself in the end */
};

/* False: there is no board, or the thread is in a function that we called. */
bool point_begin(const struct point *point);
void point_end(void);

/* A place to be held up at, without a call: a thread's start. */
void point_pass(enum op_kind kind, const void *site, bool after);

#endif
