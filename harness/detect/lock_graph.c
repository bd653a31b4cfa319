/* SPDX-License-Identifier: Apache-2.0 */
/* Recording dependencies: the part that runs while the program does. */
#include "detect/lock_graph.h"

#include <stddef.h>

#include "base/hash.h"

enum role { ROLE_HELD = 1, ROLE_TAKEN = 2 };

void lock_graph_init(struct lock_graph *graph)
{
	graph->generation = 0;
	graph->lost = 0;
	lock_graph_begin(graph);
}

void lock_graph_begin(struct lock_graph *graph)
{
	/* After 2^32 schedules old entries would look valid; nobody gets there in one process. */
	graph->generation++;
	graph->identity = 0;
	graph->lock_count = 0;
	graph->dependency_count = 0;
	graph->held_count = 0;
	graph->order_count = 0;
	graph->thread_count = 0;
	graph->log_position = 0;
	graph->order_lost = false;
	graph->may_cycle = false;
	graph->key_count = 0;
}

/* The number of a lock, a new one if need be; the caller has made sure that there is one left. */
static lock_id lock_of(struct lock_graph *graph, const void *object)
{
	struct lock_slot *slot;

	for (uint32_t i = (uint32_t)((uintptr_t)object >> 3);; i++) {
		slot = &graph->slots[i & (LOCK_GRAPH_SLOTS - 1)];
		if (slot->generation != graph->generation)
			break;
		if (slot->object == object)
			return slot->lock;
	}
	graph->roles[graph->lock_count] = 0;
	*slot = (struct lock_slot){ .object = object,
				    .generation = graph->generation,
				    .lock = (lock_id)graph->lock_count };
	return (lock_id)graph->lock_count++;
}

/* Waits for nobody, or not for ever. */
static bool gives_up(const struct op *op)
{
	switch (op->kind) {
	case OP_MUTEX_TRYLOCK:
	case OP_RWLOCK_TRYRDLOCK:
	case OP_RWLOCK_TRYWRLOCK:
	case OP_SPIN_TRYLOCK:
		return true;
	default:
		return op->deadline_ns != OP_NO_DEADLINE;
	}
}

static uint64_t key_of(const struct lock_graph *graph, const struct thread *thread, uint32_t count)
{
	const uint32_t segment = thread->id < graph->thread_count ? graph->segment[thread->id] : 0;
	uint64_t key = (uint64_t)graph->identity << 32 | segment << 16 | thread->id;

	for (uint32_t i = 0; i < count; i++) {
		const struct hold *hold = &thread->holds[i];

		/* Sites distinguish reports, not cycles, save that of the lock just taken. */
		key = hash_mix(key + ((uint64_t)(uintptr_t)hold->object << 1 | hold->mode));
	}
	return key ^ (uint64_t)(uintptr_t)thread->holds[count - 1].site * 0x9e3779b97f4a7c15ull;
}

/* True when it was there; otherwise it is now, unless there is no @room for the dependency. */
static bool was_seen(struct lock_graph *graph, uint64_t key, bool room)
{
	/* There is one slot per dependency at most, fewer than slots, so the loop ends. */
	for (uint32_t i = (uint32_t)(key >> 40);; i++) {
		struct lock_seen *seen = &graph->seen[i & (LOCK_GRAPH_SLOTS - 1)];

		if (seen->generation != graph->generation) {
			if (room)
				*seen = (struct lock_seen){ key, graph->generation };
			return false;
		}
		if (seen->key == key)
			return true;
	}
}

static struct lock_held describe(struct lock_graph *graph, const struct hold *hold, enum role role)
{
	const lock_id lock = lock_of(graph, hold->object);

	graph->roles[lock] |= role;
	graph->may_cycle |= graph->roles[lock] == (ROLE_HELD | ROLE_TAKEN);
	return (struct lock_held){
		.object = hold->object,
		.site = hold->site,
		.step = hold->step,
		.lock = lock,
		.mode = hold->mode,
		.op_kind = (uint8_t)hold_op_kind(hold),
	};
}

void lock_graph_acquired(struct lock_graph *graph, const struct thread *thread,
			 const struct event_log *log)
{
	const uint32_t count = thread->hold_count < HOLDS_MAX ? thread->hold_count : HOLDS_MAX;
	const uint32_t held = graph->held_count;
	const bool room = graph->dependency_count < LOCK_GRAPH_DEPENDENCIES &&
			  held + count <= LOCK_GRAPH_HELD &&
			  graph->lock_count + count <= LOCK_GRAPH_LOCKS;
	struct lock_dependency *dependency;

	if (gives_up(&thread->op))
		return;
	lock_graph_read(graph, log);
	if (was_seen(graph, key_of(graph, thread, count), room))
		return;
	if (!room) {
		graph->lost++;
		return;
	}
	dependency = &graph->dependencies[graph->dependency_count++];
	for (uint32_t i = 0; i + 1 < count; i++)
		graph->held[held + i] = describe(graph, &thread->holds[i], ROLE_HELD);
	dependency->taken = describe(graph, &thread->holds[count - 1], ROLE_TAKEN);
	dependency->held_first = held;
	dependency->held_count = (uint16_t)(count - 1);
	dependency->thread = thread->id;
	graph->held_count += count - 1;
}
