/* SPDX-License-Identifier: Apache-2.0 */
/* Building the graph and finding its cycles. */
#include "detect/wait_graph.h"

#include <stddef.h>

#include "detect/site.h"

enum wait_class wait_class_of(const struct thread *thread)
{
	const struct op *op = &thread->op;

	if (thread->status != THREAD_BLOCKED)
		return WAIT_NOTHING;
	switch (op->kind) {
	case OP_MUTEX_LOCK:
	case OP_RWLOCK_RDLOCK:
	case OP_RWLOCK_WRLOCK:
	case OP_SPIN_LOCK:
	case OP_ONCE_BEGIN:
	case OP_FUTEX_LOCK_PI:
	case OP_FD_LOCK:
		return WAIT_LOCK;
	case OP_COND_WAIT:
		return object_meant(thread_waits_for(thread), op->object) ? WAIT_EVENT : WAIT_LOCK;
	case OP_THREAD_JOIN:
		return WAIT_JOIN;
	default:
		return WAIT_EVENT;
	}
}

const struct hold *wait_hold(const struct thread *waiter, const struct thread *owner)
{
	const void *object = thread_waits_for(waiter);
	const bool reads = waiter->op.kind == OP_RWLOCK_RDLOCK;

	for (uint32_t i = 0; i < owner->hold_count && i < HOLDS_MAX; i++) {
		const struct hold *hold = &owner->holds[i];

		if (object_same(hold->object, owner->process, object, waiter->process) &&
		    !(reads && hold->mode == HOLD_SHARED))
			return hold;
	}
	return NULL;
}

static void add_edge(struct wait_graph *graph, struct wait_edge edge)
{
	if (graph->edge_count == WAIT_EDGES_MAX)
		graph->edges_lost++;
	else
		graph->edges[graph->edge_count++] = edge;
}

/* To the writers that wait for the lock that this reader wants. */
static void add_writers(struct wait_graph *graph, const struct thread *reader)
{
	for (uint32_t i = 0; i < graph->count; i++) {
		const struct thread *other = graph->threads[i];

		if (other != reader && other->status == THREAD_BLOCKED &&
		    other->op.kind == OP_RWLOCK_WRLOCK &&
		    object_same(thread_waits_for(other), other->process, thread_waits_for(reader),
				reader->process))
			add_edge(graph, (struct wait_edge){ .to = other->id });
	}
}

static void add_owners(struct wait_graph *graph, const struct thread *waiter)
{
	const uint32_t before = graph->edge_count;

	for (uint32_t i = 0; i < graph->count; i++) {
		const struct thread *owner = graph->threads[i];
		const struct hold *hold;

		if (owner->status == THREAD_UNUSED || owner->hold_count == 0)
			continue;
		hold = wait_hold(waiter, owner);
		if (hold)
			add_edge(graph,
				 (struct wait_edge){ .to = owner->id,
						     .shares_own = owner == waiter &&
								   hold->mode == HOLD_SHARED });
	}
	if (graph->edge_count == before && waiter->op.kind == OP_RWLOCK_RDLOCK)
		add_writers(graph, waiter);
}

/* The model names whom it joins by its struct; by handle when a test or another model does not. */
static void add_joined(struct wait_graph *graph, const struct thread *waiter)
{
	for (uint32_t i = 0; i < graph->count; i++) {
		const struct thread *other = graph->threads[i];

		if (other == waiter->op.object ||
		    (other->joiner == waiter->id && other->status == THREAD_BLOCKED)) {
			add_edge(graph, (struct wait_edge){ .to = other->id });
			return;
		}
	}
}

/* From one that waits for its children to the first thread of each: it lives as long as they do. */
static bool add_children(struct wait_graph *graph, const struct thread *waiter)
{
	const uint32_t before = graph->edge_count;

	for (uint32_t i = 0; i < graph->count; i++) {
		const struct thread *child = graph->threads[i];

		if (child->process != waiter->process && child->creator < graph->count &&
		    graph->threads[child->creator]->process == waiter->process &&
		    child->status == THREAD_BLOCKED)
			add_edge(graph, (struct wait_edge){ .to = child->id });
	}
	return graph->edge_count > before;
}

/* From one that waits for a semaphore to all others that keep of it. */
static void add_keepers(struct wait_graph *graph, const struct thread *waiter,
			const struct event_log *log)
{
	units_of(log, graph->threads, graph->count, waiter, &graph->units);
	for (uint32_t i = 0; i < graph->count; i++)
		if (graph->units.kept[i] > 0 && i != waiter->id)
			add_edge(graph, (struct wait_edge){ .to = (thread_id)i, .unit = true });
}

void wait_graph_build(struct wait_graph *graph, const struct thread *const *threads, uint32_t count,
		      const struct event_log *log)
{
	graph->threads = threads;
	graph->count = count;
	graph->edge_count = 0;
	graph->edges_lost = 0;
	for (uint32_t i = 0; i < count; i++) {
		enum wait_class class = wait_class_of(threads[i]);

		graph->first[i] = (uint16_t)graph->edge_count;
		if (class == WAIT_EVENT && threads[i]->op.kind == OP_CHILD_WAIT &&
		    add_children(graph, threads[i]))
			class = WAIT_JOIN;
		graph->class_of[i] = (uint8_t) class;
		if (class == WAIT_LOCK)
			add_owners(graph, threads[i]);
		else if (class == WAIT_JOIN)
			add_joined(graph, threads[i]);
		else if (class == WAIT_EVENT && threads[i]->op.kind == OP_SEM_WAIT)
			add_keepers(graph, threads[i], log);
	}
	graph->first[count] = (uint16_t)graph->edge_count;
}

/* Breadth first from start, which is never entered again: the first edge back to it closes the
 * shortest cycle. */
uint32_t wait_graph_cycle(struct wait_graph *graph, thread_id start, struct wait_paths paths,
			  thread_id *cycle)
{
	uint32_t head = 0, tail = 0;

	for (uint32_t i = 0; i < graph->count; i++)
		graph->from[i] = THREAD_NONE;
	graph->queue[tail++] = start;
	while (head < tail) {
		const thread_id at = graph->queue[head++];

		if (graph->class_of[at] == WAIT_JOIN && !paths.joins)
			continue;
		for (uint32_t e = graph->first[at]; e < graph->first[at + 1]; e++) {
			const thread_id to = graph->edges[e].to;
			uint32_t length = 1;

			if ((graph->edges[e].shares_own && !paths.upgrades) ||
			    (graph->edges[e].unit && !paths.units))
				continue;
			if (to < start || graph->class_of[to] == WAIT_NOTHING)
				continue;
			if (to != start) {
				if (graph->from[to] == THREAD_NONE) {
					graph->from[to] = at;
					graph->queue[tail++] = to;
				}
				continue;
			}
			for (thread_id back = at; back != start; back = graph->from[back])
				length++;
			for (thread_id back = at, i = (thread_id)(length - 1); i > 0; i--) {
				cycle[i] = back;
				back = graph->from[back];
			}
			cycle[0] = start;
			return length;
		}
	}
	return 0;
}
