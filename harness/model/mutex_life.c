/* SPDX-License-Identifier: Apache-2.0 */
/* How mutexes begin and end, and what the end of a thread means to those that it holds. */
#include "model/mutex.h"

#include <errno.h>

/*
 * Memory that is not shared is another process's copy. In its own copy a child may make anew what
 * it holds by the fork: that is how the handlers of pthread_atfork(3) in allocators do it.
 */
static bool is_in_use(const struct thread *t, struct thread *owner, const struct mutex *m)
{
	const struct hold *h = hold_find(owner, m);

	if (!h || object_is_shared(h->object))
		return h != NULL;
	if (owner->process != t->process)
		return object_is_shared(world_key(m));
	return !(owner == t && h->copied);
}

enum model_step model_mutex_init(struct world *w, struct thread *t)
{
	struct mutex *m = t->op.object;
	struct thread *owner = mutex_is_valid(m) ? mutex_owner(w, m) : NULL;

	/* The bytes alone prove nothing, they may be anything; a thread that is known to hold it
	 * does. */
	if (owner && is_in_use(t, owner, m))
		mutex_misuse_owned(w, t, m, CAUSE_REINITIALISED);
	if (owner && (owner->process == t->process || is_in_use(t, owner, m)))
		while (hold_pop(owner, m))
			;
	*m = (struct mutex){
		.kind = (int32_t)t->op.args[0] & ~MUTEX_ELISION,
		.ceiling = (uint8_t)t->op.args[1],
	};
	return model_done(t, 0);
}

enum model_step model_mutex_destroy(struct world *w, struct thread *t)
{
	struct mutex *m = t->op.object;
	int result = 0;

	if (m->kind == MUTEX_DESTROYED) {
		mutex_misuse(w, t, m, CAUSE_DOUBLE_DESTROY, &m->last);
		return model_done(t, 0);
	}
	if (!mutex_check(w, t, m))
		return model_done(t, 0);
	if (m->word != MUTEX_FREE) {
		mutex_misuse_owned(w, t, m, CAUSE_DESTROY_HELD);
		result = EBUSY;
	} else if (m->users > 0) {
		for (uint32_t i = 0; i < w->thread_count && !result; i++) {
			struct thread *other = w->threads[i];

			if (other->status != THREAD_FINISHED && other->op.kind == OP_COND_WAIT &&
			    other->process == t->process && other->op.phase != 0 &&
			    other->op.object2 == m) {
				model_misuse_waited(w, t, CAUSE_DESTROY_WAITED, other);
				result = EBUSY;
			}
		}
	}
	if (result && !(m->kind & MUTEX_ROBUST)) /* glibc looks at no users of a robust one */
		return model_done(t, result);
	m->kind = MUTEX_DESTROYED;
	grave_dig(&m->last, w, t);
	return model_done(t, 0);
}

void model_thread_exited(struct world *w, struct thread *t)
{
	/* Only robust mutexes are looked at: the memory of another may be gone, and nobody would
	 * mind. */
	for (uint32_t i = t->hold_count; i-- > 0;) {
		struct mutex *m = t->holds[i].object;

		if (t->holds[i].family != FAMILY_MUTEX || !t->holds[i].robust)
			continue;
		if (object_is_shared(m))
			m = world_places(m);
		if (!m)
			continue;
		if (!mutex_is_valid(m) || !(m->kind & MUTEX_ROBUST) || !mutex_is_mine(m, t))
			continue;
		t->holds[i].depth = 1;
		if (m->users > 0)
			m->users--;
		m->robustness = MUTEX_CONSISTENT;
		mutex_release(w, t, m);
		m->robustness = MUTEX_OWNER_DIED;
	}
}
