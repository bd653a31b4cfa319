/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the lock graph takes from the log: which thread created or joined which, and when an address
 * became another lock.
 *
 * Creations and joins are rare, so they are kept as a list, and whether one place happens before
 * another is found by walking it: what a thread did is known to those that it creates later and, at
 * its end, to who joins it.
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

static uint16_t *segment_of(struct lock_graph *graph, thread_id thread)
{
	while (graph->thread_count <= thread)
		graph->segment[graph->thread_count++] = 0;
	return &graph->segment[thread];
}

static void add_order(struct lock_graph *graph, const struct event *event)
{
	const thread_id other = (thread_id)event->aux;

	if (event->result != 0 || other >= THREADS_MAX || event->thread >= THREADS_MAX)
		return;
	if (graph->order_count == LOCK_GRAPH_ORDERS) {
		graph->order_lost = true;
		graph->lost++;
		return;
	}
	graph->orders[graph->order_count++] = (struct lock_order){
		.step = event->step,
		.by = event->thread,
		.other = other,
		.join = event->kind != OP_THREAD_CREATE,
	};
	++*segment_of(graph, event->thread);
}

static void forget_lock(struct lock_graph *graph, uint64_t object)
{
	for (uint32_t i = 0; i < LOCK_GRAPH_SLOTS; i++) {
		const uint32_t at = ((uint32_t)(object >> 3) + i) & (LOCK_GRAPH_SLOTS - 1);
		struct lock_slot *slot = &graph->slots[at];

		if (slot->generation != graph->generation)
			return;
		if ((uint64_t)(uintptr_t)slot->object != object)
			continue;
		/* Stays as a stone in the way of others, and matches nothing any more. */
		slot->object = NULL;
		graph->identity++;
		return;
	}
}

void lock_graph_read(struct lock_graph *graph, const struct event_log *log)
{
	if (graph->log_position < event_log_first(log)) {
		graph->log_position = event_log_first(log);
		graph->order_lost = true;
		graph->lost++;
	}
	while (graph->log_position < log->count) {
		const struct event *event = event_log_at(log, graph->log_position++);

		if (event->kind >= 64 || !(KIND_BIT(event->kind) & KINDS))
			continue;
		if (event->kind < OP_MUTEX_INIT)
			add_order(graph, event);
		else
			forget_lock(graph, event->object);
	}
}

static bool happens_before(const struct lock_graph *graph, const struct lock_dependency *first,
			   const struct lock_dependency *second)
{
	uint64_t reached[BITSET_WORDS(THREADS_MAX)] = { 0 };

	bitset_add(reached, first->thread);
	for (uint32_t i = 0; i < graph->order_count; i++) {
		const struct lock_order *order = &graph->orders[i];

		if (order->step <= first->taken.step)
			continue;
		if (order->step >= second->taken.step)
			break;
		if (order->join && bitset_has(reached, order->other))
			bitset_add(reached, order->by);
		else if (!order->join && bitset_has(reached, order->by))
			bitset_add(reached, order->other);
	}
	return bitset_has(reached, second->thread);
}

bool lock_graph_ordered(const struct lock_graph *graph, const struct lock_dependency *first,
			const struct lock_dependency *second)
{
	return first->taken.step < second->taken.step ? happens_before(graph, first, second)
						      : happens_before(graph, second, first);
}
