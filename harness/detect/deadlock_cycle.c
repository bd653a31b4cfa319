/* SPDX-License-Identifier: Apache-2.0 */
/* Deadlocks that are a cycle of threads: self, upgrade, lock-cycle, join-cycle. */
#include "detect/deadlock_parts.h"

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

		if (a->graph.class_of[before->id] == WAIT_LOCK)
			hold = wait_hold(before, t);
		bitset_add(a->core, t->id);
		site_add_wait(f, t);
		if (hold)
			site_add_hold(f, t, hold);
	}
	finding_set_key(f, a->place);
	deadlock_consider(a, rank, 0, 0);
}

/* Locks alone explain more than joins, and two upgraders more than one that waits for itself. */
void deadlock_cycles(struct analysis *a)
{
	static const struct {
		bool joins, upgrades;
	} passes[] = { { false, false }, { false, true }, { true, true } };

	for (size_t pass = 0; pass < sizeof(passes) / sizeof(passes[0]); pass++) {
		for (uint32_t i = 0; i < a->count; i++) {
			const uint32_t length =
				wait_graph_cycle(&a->graph, (thread_id)i, passes[pass].joins,
						 passes[pass].upgrades, a->cycle);

			if (length > 0)
				consider_cycle(a, length);
		}
		if (a->rank != RANK_NONE)
			return;
	}
}
