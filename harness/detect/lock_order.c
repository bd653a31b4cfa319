/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the lock graph takes from the log: which thread created or joined which, and when an address
 * became another lock.
 *
 * Creations and joins are rare, so they are a list, and whether one place happens before another is
 * found by walking it: what a thread did is known to those that it creates later and, at its end,
 * to who joins it.
 */
#include "detect/lock_graph.h"

#include <stddef.h>

#define KIND_BIT(kind) (UINT64_C(1) << (kind))

/* Events that matter here. */
#define KINDS                                                                                  \
	(KIND_BIT(OP_THREAD_CREATE) | KIND_BIT(OP_THREAD_JOIN) | KIND_BIT(OP_THREAD_TRYJOIN) | \
	 KIND_BIT(OP_MUTEX_INIT) | KIND_BIT(OP_MUTEX_DESTROY) | KIND_BIT(OP_RWLOCK_INIT) |     \
	 KIND_BIT(OP_RWLOCK_DESTROY) | KIND_BIT(OP_SPIN_INIT) | KIND_BIT(OP_SPIN_DESTROY))

_Static_assert(OP_SPIN_DESTROY < 64 && OP_THREAD_TRYJOIN < 64, "kinds that matter fit one word");

static bool add_order(struct lock_graph *graph, const struct event *event)
{
	const thread_id other = (thread_id)event->aux;

	if (event->result != 0 || other >= THREADS_MAX || event->thread >= THREADS_MAX)
		return true;
	if (graph->order_count == LOCK_GRAPH_ORDERS)
		return false;
	graph->orders[graph->order_count++] = (struct lock_order){
		.step = event->step,
		.by = event->thread,
		.other = other,
		.join = event->kind != OP_THREAD_CREATE,
	};
	return true;
}

static bool add_renewal(struct lock_graph *graph, const struct event *event)
{
	lock_id lock;

	if (!lock_graph_find(graph, (const void *)(uintptr_t)event->object, &lock))
		return true;
	if (graph->renewal_count == LOCK_GRAPH_RENEWALS)
		return false;
	graph->renewals[graph->renewal_count++] =
		(struct lock_renewal){ .step = event->step, .lock = lock };
	return true;
}

bool lock_graph_read(struct lock_graph *graph, const struct event_log *log)
{
	graph->order_count = 0;
	graph->renewal_count = 0;
	if (event_log_first(log) > 0)
		return false;
	for (uint64_t n = 0; n < log->count; n++) {
		const struct event *event = event_log_at(log, n);
		const bool matters = event->kind < 64 && (KIND_BIT(event->kind) & KINDS);

		if (!matters)
			continue;
		if (!(event->kind < OP_MUTEX_INIT ? add_order(graph, event)
						  : add_renewal(graph, event)))
			return false;
	}
	return true;
}

static bool happens_before(const struct lock_graph *graph, struct lock_link first,
			   struct lock_link second)
{
	uint64_t reached[BITSET_WORDS(THREADS_MAX)] = { 0 };

	bitset_add(reached, lock_graph_at(graph, first)->thread);
	for (uint32_t i = 0; i < graph->order_count; i++) {
		const struct lock_order *order = &graph->orders[i];

		if (order->step <= lock_graph_step(graph, first))
			continue;
		if (order->step >= lock_graph_step(graph, second))
			break;
		if (order->join && bitset_has(reached, order->other))
			bitset_add(reached, order->by);
		else if (!order->join && bitset_has(reached, order->by))
			bitset_add(reached, order->other);
	}
	return bitset_has(reached, lock_graph_at(graph, second)->thread);
}

bool lock_graph_ordered(const struct lock_graph *graph, struct lock_link one,
			struct lock_link other)
{
	return lock_graph_step(graph, one) < lock_graph_step(graph, other)
		       ? happens_before(graph, one, other)
		       : happens_before(graph, other, one);
}

bool lock_graph_same(const struct lock_graph *graph, lock_id lock, struct lock_link one,
		     struct lock_link other)
{
	const uint32_t a = lock_graph_step(graph, one), b = lock_graph_step(graph, other);

	for (uint32_t i = 0; i < graph->renewal_count; i++) {
		const struct lock_renewal *renewal = &graph->renewals[i];

		if (renewal->lock == lock && (renewal->step > a) != (renewal->step > b))
			return false;
	}
	return true;
}
