/* SPDX-License-Identifier: Apache-2.0 */
/* Deadlocks before an event that does not come: signals, posts, data, and whoever else is late. */
#include "detect/deadlock_parts.h"

#include "detect/signals.h"

/* Causes of rank RANK_EVENT with the same number of threads behind them, most telling first. */
static const uint8_t event_order[] = {
	CAUSE_MISSED_BROADCAST, CAUSE_LOST_WAKEUP, CAUSE_NO_SIGNAL,
	CAUSE_SEMAPHORE,        CAUSE_QUEUE,       CAUSE_PIPE,
	CAUSE_CHILD_WAIT,       CAUSE_WAIT_SIGNAL, CAUSE_FUTEX,
	CAUSE_BARRIER,
};

static enum finding_cause cause_of_event(const struct thread *thread)
{
	if (thread->op.kind == OP_QUEUE_SEND || thread->op.kind == OP_QUEUE_RECEIVE)
		return CAUSE_QUEUE;
	switch (op_kind_family(thread->op.kind)) {
	case FAMILY_SEM:
		return CAUSE_SEMAPHORE;
	case FAMILY_BARRIER:
		return CAUSE_BARRIER;
	case FAMILY_FD:
		return CAUSE_PIPE;
	case FAMILY_PROCESS:
		return CAUSE_CHILD_WAIT;
	case FAMILY_FUTEX:
		return CAUSE_FUTEX;
	case FAMILY_SIGNAL:
	case FAMILY_TIME:
		return CAUSE_WAIT_SIGNAL;
	default:
		return CAUSE_NONE;
	}
}

static uint32_t order_of(enum finding_cause cause)
{
	uint32_t order = 0;

	while (order < sizeof(event_order) && event_order[order] != cause)
		order++;
	return order;
}

/* Threads outside of the core that wait for it, at whatever distance; main counts even within. */
static uint32_t support_of(const struct analysis *a)
{
	uint64_t behind[THREAD_WORDS];
	uint32_t support = bitset_has(a->core, 0);
	bool grown = true;

	for (size_t i = 0; i < THREAD_WORDS; i++)
		behind[i] = a->core[i];
	while (grown) {
		grown = false;
		for (uint32_t i = 0; i < a->count; i++) {
			if (bitset_has(behind, i))
				continue;
			for (uint32_t e = a->graph.first[i]; e < a->graph.first[i + 1]; e++) {
				if (a->graph.edges[e].unit ||
				    !bitset_has(behind, a->graph.edges[e].to))
					continue;
				bitset_add(behind, i);
				support++;
				grown = true;
				break;
			}
		}
	}
	return support;
}

/* A descriptor's number means something within its process only. */
static bool same_event(const struct thread *t, const struct thread *leader)
{
	if (t->process == leader->process)
		return t->op.object == leader->op.object;
	return object_same(t->wait_object, t->process, leader->wait_object, leader->process);
}

void deadlock_event(struct analysis *a, const struct thread *leader)
{
	struct finding *f = deadlock_propose(a, cause_of_event(leader));
	const struct event *signal = NULL;

	for (uint32_t i = leader->id; i < a->count; i++) {
		const struct thread *t = a->threads[i];

		if (a->graph.class_of[i] != WAIT_EVENT || !same_event(t, leader) ||
		    op_kind_family(t->op.kind) != op_kind_family(leader->op.kind))
			continue;
		bitset_add(a->core, i);
		bitset_add(a->grouped, i);
		site_add_wait(f, t);
		if (t->op.kind == OP_COND_WAIT) {
			const struct signal_fate fate = signals_fate(a->log, t);

			if (f->cause == CAUSE_NONE || order_of(fate.cause) < order_of(f->cause)) {
				f->cause = (uint8_t)fate.cause;
				signal = fate.signal;
			}
		}
	}
	finding_set_key(f, a->place);
	if (signal)
		site_add_event(f, SITE_SIGNALLED,
			       signal->thread < a->count ? a->threads[signal->thread] : NULL,
			       signal);
	deadlock_consider(a, RANK_EVENT, support_of(a), order_of(f->cause));
}

void deadlock_unowned(struct analysis *a, const struct thread *waiter)
{
	struct finding *f =
		deadlock_propose(a, waiter->op.kind == OP_FUTEX_LOCK_PI ? CAUSE_FUTEX : CAUSE_NONE);

	bitset_add(a->core, waiter->id);
	site_add_wait(f, waiter);
	finding_set_key(f, a->place);
	deadlock_consider(a, RANK_EVENT, support_of(a), order_of(f->cause));
}
