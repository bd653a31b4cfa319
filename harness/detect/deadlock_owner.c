/* SPDX-License-Identifier: Apache-2.0 */
/* Deadlocks before a lock that its owner never gives back: owner-exited, owner-died,
 * forgotten-unlock. */
#include "detect/deadlock_parts.h"

#include "detect/signals.h"

static bool waits_for_lock_of(const struct analysis *a, uint32_t waiter, const struct thread *owner)
{
	return a->graph.class_of[waiter] == WAIT_LOCK && a->threads[waiter] != owner &&
	       wait_hold(a->threads[waiter], owner);
}

/* The locks of @owner that anybody waits for; the first one that was taken, NULL: none. */
static const struct hold *add_wanted_holds(struct analysis *a, const struct thread *owner)
{
	const struct hold *first = NULL;

	for (uint32_t h = 0; h < owner->hold_count && h < HOLDS_MAX; h++) {
		const struct hold *hold = &owner->holds[h];
		bool wanted = false;

		for (uint32_t i = 0; i < a->count && !wanted; i++)
			wanted = waits_for_lock_of(a, i, owner) &&
				 object_same(thread_waits_for(a->threads[i]),
					     a->threads[i]->process, hold->object, owner->process);
		if (!wanted)
			continue;
		site_add_hold(&a->candidate, owner, hold);
		if (!first)
			first = hold;
	}
	return first;
}

static void add_lock_waiters(struct analysis *a, const struct thread *owner)
{
	for (uint32_t i = 0; i < a->count; i++)
		if (waits_for_lock_of(a, i, owner)) {
			bitset_add(a->core, i);
			site_add_wait(&a->candidate, a->threads[i]);
		}
}

/*
 * The key is made of the places where the owner took what it never gave back: whoever happens to
 * stand before the lock, it is the same mistake.
 */
void deadlock_exited(struct analysis *a, const struct thread *owner)
{
	struct finding *f =
		deadlock_propose(a, owner->died ? CAUSE_OWNER_DIED : CAUSE_OWNER_EXITED);
	const struct hold *hold = add_wanted_holds(a, owner);
	const uint64_t end = signals_wait_begin(a->log, owner->id);

	if (!hold)
		return;
	finding_set_key(f, a->place);
	bitset_add(a->core, owner->id);
	if (end > 0) {
		site_add_event(f, SITE_ENDED, owner, event_log_at(a->log, end - 1));
		f->sites[f->site_count - 1].object = (uint64_t)(uintptr_t)hold->object;
	}
	add_lock_waiters(a, owner);
	deadlock_consider(a, RANK_OWNER_EXITED, 0, 0);
}

/* Where @thread's chain of joins ends: at a wait for an event, or NULL. */
static const struct thread *event_behind(const struct analysis *a, const struct thread *thread)
{
	for (uint32_t i = 0; i < a->count; i++) {
		const uint16_t edge = a->graph.first[thread->id];

		if (a->graph.class_of[thread->id] == WAIT_EVENT)
			return thread;
		if (a->graph.class_of[thread->id] != WAIT_JOIN || edge == a->graph.edge_count)
			return NULL;
		thread = a->threads[a->graph.edges[edge].to];
	}
	return NULL;
}

/* Was @thread's missing signal sent at @step or later? */
static bool signalled_since(const struct analysis *a, const struct thread *thread, uint32_t step)
{
	struct signal_fate fate;

	if (!thread || thread->op.kind != OP_COND_WAIT)
		return false;
	fate = signals_fate(a->log, thread);
	return fate.cause != CAUSE_NO_SIGNAL && fate.signal->step >= step;
}

void deadlock_forgotten(struct analysis *a, const struct thread *owner)
{
	struct finding *f = deadlock_propose(a, CAUSE_FORGOTTEN_UNLOCK);
	const struct hold *hold = add_wanted_holds(a, owner);

	if (!hold || signalled_since(a, event_behind(a, owner), hold->step))
		return;
	finding_set_key(f, a->place);
	bitset_add(a->core, owner->id);
	site_add_wait(f, owner);
	add_lock_waiters(a, owner);
	deadlock_consider(a, RANK_FORGOTTEN_UNLOCK, 0, 0);
}
