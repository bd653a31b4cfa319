/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sleeping and reading the clock.
 *
 * A sleep orders nothing: it only makes its thread wait until virtual time has come so far, and
 * virtual time moves when all wait. Reading the clock costs time (the interception layer adds it);
 * as an operation it only gives others a chance to run.
 */
#include "model/time.h"

#include <errno.h>
#include <stddef.h>

#include "model/signal.h"

/* No object: nothing but the deadline, a signal or a cancellation ends a sleep. Result 0, -EINTR or
 * MODEL_CANCELLED. */
enum model_step model_sleep(struct world *w, struct thread *t)
{
	if (t->op.flags & OP_CANCELLED) {
		t->result = MODEL_CANCELLED;
	} else if ((t->op.flags & OP_TIMED_OUT) || t->op.deadline_ns <= w->now_ns) {
		t->result = 0;
	} else if ((t->op.flags & OP_INTERRUPTED) ||
		   ((t->op.flags & OP_INTERRUPTIBLE) && signal_deliverable(t))) {
		t->result = -EINTR;
	} else {
		world_block(w, t, NULL);
		return MODEL_BLOCKED;
	}
	return MODEL_DONE;
}

enum model_step model_clock_read(struct world *w, struct thread *t)
{
	(void)w;
	t->result = 0;
	return MODEL_DONE;
}
