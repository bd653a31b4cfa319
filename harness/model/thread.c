/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Start, end, join, detach and cancellation of threads (POSIX.1-2017, pthread_join and friends;
 * error returns as glibc's).
 *
 * The object of a join, detach or cancel is the target's struct thread; joiners wait at it.
 * THREAD_CREATE, THREAD_START and YIELD change nothing: they are scheduling points; the engine
 * makes the fiber once a creation was performed.
 */
#include <errno.h>
#include <stddef.h>

#include "model/models.h"
#include "model/thread.h"

enum model_step model_thread_point(struct world *w, struct thread *t)
{
	(void)w;
	return model_done(t, 0);
}

enum model_step model_thread_exit(struct world *w, struct thread *t)
{
	model_thread_exited(w, t);
	world_finish(w, t);
	w->event_aux = t->detached;
	world_wake_all(w, t);
	return model_done(t, 0);
}

/* What every use of a thread's handle asks first: 0, or the error that the caller gets. */
static int usable(struct world *w, struct thread *t, const struct thread *target)
{
	if (target->joined) {
		w->ops->misuse(w, t, CAUSE_JOIN_TWICE, target, target->joiner, target->join_site,
			       target->join_step);
		return ESRCH;
	}
	if (target->detached) {
		w->ops->misuse(w, t, CAUSE_JOIN_DETACHED, target, THREAD_NONE, NULL, 0);
		return EINVAL;
	}
	return 0;
}

/* The joiners' cycle that glibc looks for, and none other: oneself, or the thread that is joining
 * oneself. */
static int joinable(struct world *w, struct thread *t, struct thread *target)
{
	const int error = usable(w, t, target);

	if (error)
		return error;
	if (target == t)
		w->ops->misuse(w, t, CAUSE_JOIN_SELF, target, THREAD_NONE, NULL, 0);
	if (target == t || t->joiner == target->id)
		return EDEADLK;
	if (target->joiner != THREAD_NONE && target->joiner != t->id) {
		w->ops->misuse(w, t, CAUSE_JOIN_TWICE, target, target->joiner,
			       w->threads[target->joiner]->op.site, w->step);
		return EINVAL;
	}
	return 0;
}

static void reap(const struct world *w, const struct thread *t, struct thread *target)
{
	target->joined = 1;
	target->joiner = t->id;
	target->join_site = t->op.site;
	target->join_step = w->step;
}

enum model_step model_thread_join(struct world *w, struct thread *t)
{
	struct thread *target = t->op.object;
	const int error = joinable(w, t, target);

	w->event_aux = target->id;
	if (error)
		return model_done(t, error);
	if (target->status == THREAD_FINISHED) {
		reap(w, t, target);
		return model_done(t, 0);
	}
	target->joiner = t->id;
	if (t->op.flags & OP_CANCELLED) {
		target->joiner = THREAD_NONE;
		return model_done(t, MODEL_CANCELLED);
	}
	if (t->op.flags & OP_TIMED_OUT) {
		target->joiner = THREAD_NONE;
		return model_done(t, ETIMEDOUT);
	}
	if (t->op.deadline_ns == MODEL_DEADLINE_INVALID) {
		target->joiner = THREAD_NONE;
		return model_done(t, EINVAL);
	}
	t->op.phase = 1; /* begun: a cancellation must come here, to forget the joiner */
	world_block(w, t, target);
	return MODEL_BLOCKED;
}

enum model_step model_thread_tryjoin(struct world *w, struct thread *t)
{
	struct thread *target = t->op.object;
	int error;

	w->event_aux = target->id;
	if (target->status != THREAD_FINISHED)
		return model_done(t, EBUSY);
	error = joinable(w, t, target);
	if (error)
		return model_done(t, error);
	reap(w, t, target);
	return model_done(t, 0);
}

enum model_step model_thread_detach(struct world *w, struct thread *t)
{
	struct thread *target = t->op.object;

	w->event_aux = target->id;
	if (target->joined) {
		w->ops->misuse(w, t, CAUSE_JOIN_TWICE, target, target->joiner, target->join_site,
			       target->join_step);
		return model_done(t, ESRCH);
	}
	if (target->detached) {
		w->ops->misuse(w, t, CAUSE_DETACH_TWICE, target, THREAD_NONE, NULL, 0);
		return model_done(t, EINVAL);
	}
	target->detached = 1;
	return model_done(t, 0);
}

/*
 * POSIX lets asynchronous cancellation act at any time, and a thread that asks for it computes: it
 * ends where it stands, if that is between two instructions of its own. A call that it has begun is
 * not left half done.
 */
static void cancel_computing(struct thread *target)
{
	if (target->op.kind == OP_PREEMPT || target->op.kind == OP_SPIN_READ ||
	    target->op.kind == OP_YIELD || target->op.kind == OP_INLINE_ATOMIC ||
	    op_is_access(&target->op)) {
		target->op.kind = OP_TESTCANCEL;
		target->op.flags |= OP_CANCELLATION_POINT;
	}
}

enum model_step model_thread_cancel(struct world *w, struct thread *t)
{
	struct thread *target = t->op.object;

	w->event_aux = target->id;
	if (target->joined) {
		w->ops->misuse(w, t, CAUSE_NO_SUCH_THREAD, target, THREAD_NONE, NULL, 0);
		return model_done(t, ESRCH);
	}
	if (target->status == THREAD_FINISHED)
		return model_done(t, 0);
	target->cancel_pending = 1;
	if (target->cancel_disabled || target->exiting)
		return model_done(t, 0);
	if (target->status == THREAD_BLOCKED && (target->op.flags & OP_CANCELLATION_POINT)) {
		target->op.flags |= OP_CANCELLED;
		world_wake(w, target);
	} else if (target->status == THREAD_READY && target->cancel_async) {
		cancel_computing(target);
	}
	return model_done(t, 0);
}
