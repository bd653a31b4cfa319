/* SPDX-License-Identifier: Apache-2.0 */
/* Deadlocks that are a cycle of threads: self, upgrade, lock-cycle, join-cycle, circular-wait. */
#include "detect/deadlock_parts.h"

#include "detect/units.h"

static void consider_cycle(struct analysis *a, uint32_t length)
{
	enum finding_cause cause = CAUSE_LOCK_CYCLE;
	uint32_t rank = RANK_LOCK_CYCLE;
	struct finding *f;

	for (uint32_t i = 0; i < length; i++) {
		const struct thread *t = a->threads[a->cycle[i]];
		const void *object = thread_waits_for(t);

		if (a->graph.class_of[t->id] == WAIT_JOIN) {
			cause = t->op.kind == OP_CHILD_WAIT ? CAUSE_CHILD_WAIT : CAUSE_JOIN_CYCLE;
			rank = RANK_JOIN_CYCLE;
			break;
		}
		if (a->graph.class_of[t->id] == WAIT_EVENT) {
			cause = CAUSE_CIRCLE;
			rank = RANK_CIRCLE;
			break;
		}
		for (uint32_t h = 0; t->op.kind == OP_RWLOCK_WRLOCK && h < t->hold_count; h++)
			if (t->holds[h].object == object && t->holds[h].mode == HOLD_SHARED) {
				cause = CAUSE_UPGRADE;
				rank = RANK_UPGRADE;
			}
	}
	if (length == 1 && cause == CAUSE_LOCK_CYCLE) {
		cause = CAUSE_SELF;
		rank = RANK_SELF;
	}
	f = deadlock_propose(a, cause);
	for (uint32_t i = 0; i < length; i++) {
		const struct thread *t = a->threads[a->cycle[i]];
		const struct thread *before = a->threads[a->cycle[(i + length - 1) % length]];
		const struct hold *hold = NULL;
		const struct event *unit = NULL;

		if (a->graph.class_of[before->id] == WAIT_LOCK)
			hold = wait_hold(before, t);
		else if (a->graph.class_of[before->id] == WAIT_EVENT)
			unit = units_taken(a->log, t, before);
		bitset_add(a->core, t->id);
		site_add_wait(f, t);
		if (hold)
			site_add_hold(f, t, hold);
		if (unit)
			site_add_event(f, SITE_HOLDS, t, unit);
	}
	finding_set_key(f, a->place);
	deadlock_consider(a, rank, 0, 0);
}

/* Whoever waits for units of one semaphore alone may wait for somebody else to post it. */
static bool is_one_semaphore(const struct analysis *a, uint32_t length)
{
	for (uint32_t i = 0; i < length; i++)
		if (a->graph.class_of[a->cycle[i]] != WAIT_EVENT ||
		    a->threads[a->cycle[i]]->op.object != a->threads[a->cycle[0]]->op.object)
			return false;
	return true;
}

/* Locks alone explain more than joins, and two upgraders more than one that waits for itself. */
void deadlock_cycles(struct analysis *a)
{
	static const struct wait_paths passes[] = {
		{ false, false, false },
		{ false, true, false },
		{ true, true, false },
		{ .units = true },
	};

	for (size_t pass = 0; pass < sizeof(passes) / sizeof(passes[0]); pass++) {
		for (uint32_t i = 0; i < a->count; i++) {
			const uint32_t length =
				wait_graph_cycle(&a->graph, (thread_id)i, passes[pass], a->cycle);

			if (length > 0 && !is_one_semaphore(a, length))
				consider_cycle(a, length);
		}
		if (a->rank != RANK_NONE)
			return;
	}
}
