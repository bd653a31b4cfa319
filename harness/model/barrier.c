/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Barriers.
 *
 * To arrive is one step, to go on another: the last to arrive releases the others, returns at once
 * with PTHREAD_BARRIER_SERIAL_THREAD (as glibc's does) and may be back at the barrier for the next
 * round before any of them ran. A released thread does not touch the barrier any more, so the
 * serial thread may destroy it.
 */
#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "model/models.h"

enum { BARRIER_LIVE = 0x42617272, BARRIER_DESTROYED = 0x72726142 };

/* op.phase of a BARRIER_WAIT. */
enum { BARRIER_ARRIVES, BARRIER_WAITING, BARRIER_RELEASED };

/* In the program's pthread_barrier_t. */
struct barrier {
	uint32_t magic;
	uint32_t count;   /* threads to a round */
	uint32_t arrived; /* in this round */
	uint32_t unused;
	struct grave last; /* the destroy */
};

static_assert(sizeof(struct barrier) <= sizeof(pthread_barrier_t),
	      "a barrier is the program's object");

enum model_step model_barrier_init(struct world *w, struct thread *t)
{
	struct barrier *b = t->op.object;
	const uint64_t count = t->op.args[0];

	if (count == 0 || count > UINT_MAX / 2)
		return model_done(t, EINVAL);
	if (b->magic == BARRIER_LIVE && world_waiter_count(w, b) > 0)
		model_misuse_waited(w, t, CAUSE_REINITIALISED, world_waiter_at(w, b, 0));
	*b = (struct barrier){ .magic = BARRIER_LIVE, .count = (uint32_t)count };
	return model_done(t, 0);
}

enum model_step model_barrier_destroy(struct world *w, struct thread *t)
{
	struct barrier *b = t->op.object;

	if (b->magic == BARRIER_DESTROYED) {
		model_misuse_grave(w, t, CAUSE_DOUBLE_DESTROY, &b->last);
		return model_done(t, 0);
	}
	if (b->magic != BARRIER_LIVE) {
		model_misuse(w, t, CAUSE_UNINITIALISED);
		return model_done(t, 0);
	}
	if (b->arrived > 0)
		model_misuse_waited(w, t, CAUSE_DESTROY_WAITED, world_waiter_at(w, b, 0));
	b->magic = BARRIER_DESTROYED;
	grave_dig(&b->last, w, t);
	return model_done(t, 0);
}

static enum model_step arrive(struct world *w, struct thread *t, struct barrier *b)
{
	if (b->magic == BARRIER_DESTROYED) {
		model_misuse_grave(w, t, CAUSE_USE_DESTROYED, &b->last);
	} else if (b->magic != BARRIER_LIVE) {
		model_misuse(w, t, CAUSE_UNINITIALISED);
		return model_done(t, EINVAL);
	}
	if (b->arrived + 1 < b->count && model_interrupted(t))
		return model_done(t, EINTR);
	if (++b->arrived < b->count) {
		t->op.phase = BARRIER_WAITING;
		world_block(w, t, b);
		return model_stage(w, t);
	}
	b->arrived = 0;
	for (struct thread *other; (other = world_waiter_at(w, b, 0));) {
		other->op.phase = BARRIER_RELEASED;
		world_wake(w, other);
	}
	return model_done(t, PTHREAD_BARRIER_SERIAL_THREAD);
}

enum model_step model_barrier_wait(struct world *w, struct thread *t)
{
	struct barrier *b = t->op.object;

	if (t->op.phase == BARRIER_ARRIVES)
		return arrive(w, t, b);
	if (t->op.phase == BARRIER_RELEASED)
		return model_done(t, 0);
	/* A handler is to run: the thread leaves the round, and arrives again after it. */
	if (model_interrupted(t)) {
		b->arrived--;
		return model_done(t, EINTR);
	}
	return model_wait(w, t, b);
}
