/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Condition variables.
 *
 * A wait has three stages. It gives up the mutex and joins the waiters in one step, as the standard
 * demands; it is then woken by a signal, a timeout, a cancel or, where asked for, by nothing at
 * all; and it takes the mutex like anybody else, in a step of its own, so that others may come in
 * between. A signal wakes exactly one waiter, whichever the strategy names: that more than one may
 * wake is the business of spurious wakeups. Who timed out has left the waiters, and takes no signal
 * with him.
 */
#include "model/cond.h"

#include <errno.h>
#include <stddef.h>

#include "model/mutex.h"

/* False, and told, when it is no condition. A destroyed one is told, and goes on as if it were
 * live, as in glibc. */
static bool check(struct world *w, struct thread *t, struct cond *c)
{
	if (c->magic == COND_DESTROYED) {
		model_misuse_grave(w, t, CAUSE_USE_DESTROYED, &c->last);
		return true;
	}
	if ((c->magic == COND_STATIC || c->magic == COND_LIVE) &&
	    !(c->flags & ~(uint32_t)COND_FLAGS_MASK))
		return true;
	model_misuse(w, t, CAUSE_UNINITIALISED);
	return false;
}

/* Free of charge as long as nobody ever waited. */
static unsigned waiters_of(const struct world *w, const struct cond *c)
{
	return c->mutex ? world_waiter_count(w, c) : 0;
}

enum model_step model_cond_init(struct world *w, struct thread *t)
{
	struct cond *c = t->op.object;

	if (c->magic != COND_DESTROYED && world_waiter_count(w, c) > 0)
		model_misuse_waited(w, t, CAUSE_REINITIALISED, world_waiter_at(w, c, 0));
	*c = (struct cond){ .magic = COND_LIVE,
			    .flags = (uint32_t)t->op.args[0] & COND_FLAGS_MASK };
	return model_done(t, 0);
}

enum model_step model_cond_destroy(struct world *w, struct thread *t)
{
	struct cond *c = t->op.object;

	if (c->magic == COND_DESTROYED) {
		model_misuse_grave(w, t, CAUSE_DOUBLE_DESTROY, &c->last);
		return model_done(t, 0);
	}
	if (!check(w, t, c))
		return model_done(t, 0);
	/* glibc would wait for them here, and so in most cases for ever. */
	if (waiters_of(w, c) > 0)
		model_misuse_waited(w, t, CAUSE_DESTROY_WAITED, world_waiter_at(w, c, 0));
	c->magic = COND_DESTROYED;
	grave_dig(&c->last, w, t);
	return model_done(t, 0);
}

/* t left the waiters, or never joined: from here on nothing but the mutex can hold it up. */
static void woken(struct thread *t, long result)
{
	t->op.phase = COND_WOKEN;
	t->op.args[COND_ARG_RESULT] = (uint64_t)result;
	t->op.deadline_ns = OP_NO_DEADLINE;
	if (result != MODEL_CANCELLED)
		t->op.flags &= ~(uint32_t)OP_CANCELLATION_POINT;
}

static enum model_step enter(struct world *w, struct thread *t, struct cond *c, struct mutex *m)
{
	int error;

	if (!check(w, t, c))
		return model_done(t, EINVAL);
	if (waiters_of(w, c) > 0 && c->mutex != world_key(m))
		model_misuse_waited(w, t, CAUSE_TWO_MUTEXES, world_waiter_at(w, c, 0));
	if (model_interrupted(t))
		return model_done(t, EINTR);
	error = mutex_wait_release(w, t, m);
	if (error)
		return model_done(t, error);
	world_set_gate(w, t, mutex_gate(m)); /* from now on: without it nobody comes back */
	if (w->spurious_wakeups && world_choose(w, CHOICE_SPURIOUS, 2) == 1) {
		woken(t, 0);
	} else if (t->op.deadline_ns <= w->now_ns) {
		woken(t, ETIMEDOUT);
	} else {
		c->mutex = world_key(m);
		t->op.phase = COND_WAITING;
		world_block(w, t, c);
	}
	return model_stage(w, t);
}

static enum model_step reacquire(struct world *w, struct thread *t, struct mutex *m)
{
	const long result = (long)t->op.args[COND_ARG_RESULT];
	int error;

	if (!mutex_wait_reacquire(w, t, m, &error)) {
		if (result != MODEL_CANCELLED && model_interrupted(t))
			return model_done(t, COND_INTERRUPTED + result);
		world_block(w, t, m);
		return MODEL_BLOCKED;
	}
	if (result == ETIMEDOUT)
		w->event_aux = EVENT_AUX_TIMED_OUT;
	/* Somebody who is cancelled unwinds, with the mutex or without. */
	return model_done(t, error && result != MODEL_CANCELLED ? error : result);
}

enum model_step model_cond_wait(struct world *w, struct thread *t)
{
	struct cond *c = t->op.object;
	struct mutex *m = t->op.object2;
	const uint32_t flags = t->op.flags;

	if (t->op.phase == COND_ENTER)
		return enter(w, t, c, m);
	if (t->op.phase == COND_WAITING) {
		if (flags & OP_CANCELLED)
			woken(t, MODEL_CANCELLED);
		else
			woken(t, flags & OP_TIMED_OUT ? ETIMEDOUT : 0);
	}
	return reacquire(w, t, m);
}

static void wake(struct world *w, struct thread *waiter)
{
	woken(waiter, 0);
	world_wake(w, waiter);
}

enum model_step model_cond_signal(struct world *w, struct thread *t)
{
	struct cond *c = t->op.object;
	unsigned waiters;

	if (!check(w, t, c))
		return model_done(t, EINVAL);
	waiters = waiters_of(w, c);
	if (waiters > 0)
		wake(w, world_waiter_at(w, c, world_choose(w, CHOICE_WAITER, waiters)));
	if (waiters <= 1)
		c->mutex = NULL;
	w->event_aux = waiters << 16 | (waiters > 0);
	return model_done(t, 0);
}

enum model_step model_cond_broadcast(struct world *w, struct thread *t)
{
	struct cond *c = t->op.object;
	unsigned waiters;

	if (!check(w, t, c))
		return model_done(t, EINVAL);
	waiters = waiters_of(w, c);
	for (unsigned i = 0; i < waiters; i++)
		wake(w, world_waiter_at(w, c, 0));
	c->mutex = NULL;
	w->event_aux = waiters << 16 | waiters;
	return model_done(t, 0);
}
