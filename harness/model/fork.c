/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a fork does to the primitives in memory that is copied. The child has one thread, which goes
 * on where the parent's stood (POSIX, fork), and the locks that this one held are held by it in the
 * copy: they are rewritten to its number. Locks of the parent's other threads stay locked in the
 * copy, by nobody who could unlock them.
 */
#include "model/fork.h"

#include "model/mutex.h"

uint32_t model_fork_holds(const struct thread *parent, struct thread *child)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < parent->hold_count && i < HOLDS_MAX; i++)
		if (!object_is_shared(parent->holds[i].object))
			child->holds[count++] = parent->holds[i];
	for (uint32_t i = 0; i < count; i++)
		child->holds[i].copied = 1;
	child->hold_count = count;
	return count;
}

void model_forked(struct thread *child, thread_id parent)
{
	for (uint32_t i = 0; i < child->hold_count; i++) {
		const struct hold *h = &child->holds[i];
		struct mutex *m = h->object;

		switch (h->family) {
		case FAMILY_MUTEX:
			if (m->owner == (uint32_t)parent + 1)
				m->owner = mutex_self(child);
			break;
		case FAMILY_RWLOCK:
			rwlock_forked(h->object, parent, child->id);
			break;
		case FAMILY_SPIN:
			spin_forked(h->object, parent, child->id);
			break;
		default:
			break;
		}
	}
}
