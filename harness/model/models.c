/* SPDX-License-Identifier: Apache-2.0 */
/* What the models share: giving up a wait, and telling a misuse with its second party. */
#include "model/models.h"

#include <errno.h>
#include <stddef.h>

#include "model/signal.h"

bool model_interrupted(const struct thread *t)
{
	return (t->op.flags & OP_INTERRUPTIBLE) &&
	       ((t->op.flags & OP_INTERRUPTED) || signal_deliverable(t));
}

enum model_step model_wait(struct world *w, struct thread *t, void *object)
{
	const struct op *op = &t->op;

	if (op->flags & OP_CANCELLED)
		return model_done(t, MODEL_CANCELLED);
	if (op->flags & OP_TIMED_OUT) {
		w->event_aux = EVENT_AUX_TIMED_OUT;
		return model_done(t, ETIMEDOUT);
	}
	if (model_interrupted(t))
		return model_done(t, EINTR);
	if (op->deadline_ns == MODEL_DEADLINE_INVALID)
		return model_done(t, EINVAL);
	if (op->deadline_ns <= w->now_ns) {
		w->event_aux = EVENT_AUX_TIMED_OUT;
		return model_done(t, ETIMEDOUT);
	}
	world_block(w, t, object);
	return MODEL_BLOCKED;
}

void model_misuse(struct world *w, struct thread *t, enum finding_cause cause)
{
	w->ops->misuse(w, t, cause, t->op.object, THREAD_NONE, NULL, 0);
}

void model_misuse_grave(struct world *w, struct thread *t, enum finding_cause cause,
			const struct grave *g)
{
	if (g->site)
		w->ops->misuse(w, t, cause, t->op.object, g->thread, g->site, g->step);
	else
		model_misuse(w, t, cause);
}

void model_misuse_held(struct world *w, struct thread *t, enum finding_cause cause,
		       struct thread *other)
{
	const struct hold *h = other ? hold_find(other, t->op.object) : NULL;

	if (h)
		w->ops->misuse(w, t, cause, t->op.object, other->id, h->site, h->step);
	else
		w->ops->misuse(w, t, cause, t->op.object, other ? other->id : THREAD_NONE, NULL, 0);
}

void model_misuse_waited(struct world *w, struct thread *t, enum finding_cause cause,
			 const struct thread *other)
{
	w->ops->misuse(w, t, cause, t->op.object, other ? other->id : THREAD_NONE,
		       other ? other->op.site : NULL, w->step);
}

struct thread *model_other_at(const struct world *w, const struct thread *t, enum op_kind kind,
			      const void *object)
{
	for (uint32_t i = 0; i < w->thread_count; i++) {
		struct thread *other = w->threads[i];

		if (other != t && other->status != THREAD_FINISHED && other->op.kind == kind &&
		    other->op.object == object &&
		    (other->process == t->process || object_is_shared(world_key(object))))
			return other;
	}
	return NULL;
}
