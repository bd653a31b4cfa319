/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pthread_once() and call_once(): one thread runs the initialiser, the others wait for it.
 *
 * The initialiser itself is program code and runs between two operations, ONCE_BEGIN and ONCE_END;
 * if it is cancelled or left by an exception, ONCE_ABANDON makes the next caller run it again. Who
 * calls once from within its own initialiser waits for itself: that is told as misuse, and ends as
 * a deadlock. While it runs, the thread holds the control word like a lock, so that the detectors
 * can see whom the others wait for.
 */
#include <assert.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <threads.h>

#include "model/models.h"

/* glibc's values for never, running and done; ours besides: who runs it. */
enum {
	ONCE_NEVER = 0,
	ONCE_RUNNING = 1,
	ONCE_FINISHED = 2,
	ONCE_CONTENDED = 4, /* somebody may stand in the waiters */
	ONCE_RUNNER_SHIFT = 8,
};

static_assert(sizeof(pthread_once_t) == sizeof(uint32_t) && sizeof(once_flag) == sizeof(uint32_t),
	      "a once control is one word");
static_assert(PTHREAD_ONCE_INIT == ONCE_NEVER, "glibc's initialiser");

static bool is_running(uint32_t word)
{
	return (word & ~(uint32_t)ONCE_CONTENDED & ((1U << ONCE_RUNNER_SHIFT) - 1)) ==
		       ONCE_RUNNING &&
	       word >> ONCE_RUNNER_SHIFT < THREADS_MAX;
}

enum model_step model_once_begin(struct world *w, struct thread *t)
{
	uint32_t *word = t->op.object;

	if (*word == ONCE_FINISHED)
		return model_done(t, ONCE_DONE);
	if (*word == ONCE_NEVER) {
		*word = ONCE_RUNNING | (uint32_t)t->id << ONCE_RUNNER_SHIFT;
		hold_push(t, word, t->op.site, w->step, FAMILY_ONCE, HOLD_EXCLUSIVE);
		return model_done(t, ONCE_RUN);
	}
	if (!is_running(*word)) {
		model_misuse(w, t, CAUSE_UNINITIALISED);
		return model_done(t, ONCE_DONE);
	}
	if (*word >> ONCE_RUNNER_SHIFT == t->id && t->op.phase == 0) {
		t->op.phase = 1; /* once is enough */
		model_misuse_held(w, t, CAUSE_ONCE_RECURSIVE, t);
	}
	*word |= ONCE_CONTENDED;
	return model_wait(w, t, word);
}

static enum model_step leave(struct world *w, struct thread *t, uint32_t next)
{
	uint32_t *word = t->op.object;
	const bool contended = is_running(*word) && (*word & ONCE_CONTENDED);

	*word = next;
	hold_pop(t, word);
	if (contended)
		world_wake_all(w, word);
	return model_done(t, 0);
}

enum model_step model_once_end(struct world *w, struct thread *t)
{
	return leave(w, t, ONCE_FINISHED);
}

enum model_step model_once_abandon(struct world *w, struct thread *t)
{
	return leave(w, t, ONCE_NEVER);
}
