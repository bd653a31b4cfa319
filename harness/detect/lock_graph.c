/* SPDX-License-Identifier: Apache-2.0 */
/* Recording dependencies: the part that runs while the program does. */
#include "detect/lock_graph.h"

#include <stddef.h>

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
	graph->lock_count = 0;
	graph->dependency_count = 0;
	graph->held_count = 0;
	graph->may_cycle = false;
	graph->key_count = 0;
}

/* The slot of @object, or the one where it belongs. */
static uint32_t slot_of(const struct lock_graph *graph, const void *object)
{
	uint32_t at = (uint32_t)((uintptr_t)object >> 3) & (LOCK_GRAPH_SLOTS - 1);

	while (graph->slots[at].generation == graph->generation &&
	       graph->slots[at].object != object)
		at = (at + 1) & (LOCK_GRAPH_SLOTS - 1);
	return at;
}

bool lock_graph_find(const struct lock_graph *graph, const void *object, lock_id *lock)
{
	const struct lock_slot *slot = &graph->slots[slot_of(graph, object)];

	*lock = slot->lock;
	return slot->generation == graph->generation;
}

/* The number of a lock, a new one if need be; the caller has made sure that there is one left. */
static lock_id lock_of(struct lock_graph *graph, const void *object)
{
	struct lock_slot *slot = &graph->slots[slot_of(graph, object)];

	if (slot->generation == graph->generation)
		return slot->lock;
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

/*
 * Who, which locks in which modes, and where the last one was taken: where the others were is but
 * another way to the same cycle. Each step is a bijection, and tables index by the high bits.
 */
static uint64_t key_of(const struct thread *thread, uint32_t count)
{
	uint64_t key = (uint64_t)(uintptr_t)thread->holds[count - 1].site << 10 ^ thread->id;

	for (uint32_t i = 0; i < count; i++) {
		const struct hold *hold = &thread->holds[i];

		key += (uint64_t)(uintptr_t)hold->object << 1 | hold->mode;
		key *= 0x9e3779b97f4a7c15ull;
	}
	return key;
}

static struct lock_held describe(struct lock_graph *graph, const struct thread *thread,
				 const struct hold *hold, enum role role)
{
	const lock_id lock = lock_of(graph, lock_graph_object(hold->object, thread->process));

	graph->roles[lock] |= role;
	graph->may_cycle |= graph->roles[lock] == (ROLE_HELD | ROLE_TAKEN);
	return (struct lock_held){
		.object = hold->object,
		.site = hold->site,
		.step = { hold->step, hold->step },
		.lock = lock,
		.mode = hold->mode,
		.op_kind = (uint8_t)hold_op_kind(hold),
	};
}

static __attribute__((noinline)) void add(struct lock_graph *graph, const struct thread *thread,
					  uint32_t count, struct lock_seen *seen, uint64_t key)
{
	const uint32_t held = graph->held_count;
	struct lock_dependency *dependency;

	if (graph->dependency_count == LOCK_GRAPH_DEPENDENCIES || held + count > LOCK_GRAPH_HELD ||
	    graph->lock_count + count > LOCK_GRAPH_LOCKS) {
		graph->lost++;
		return;
	}
	*seen = (struct lock_seen){ key, graph->generation, graph->dependency_count };
	dependency = &graph->dependencies[graph->dependency_count++];
	for (uint32_t i = 0; i + 1 < count; i++)
		graph->held[held + i] = describe(graph, thread, &thread->holds[i], ROLE_HELD);
	dependency->taken = describe(graph, thread, &thread->holds[count - 1], ROLE_TAKEN);
	dependency->held_first = held;
	dependency->held_count = (uint16_t)(count - 1);
	dependency->thread = thread->id;
	graph->held_count += count - 1;
}

static void occurred_again(struct lock_graph *graph, const struct thread *thread,
			   struct lock_dependency *dependency)
{
	struct lock_held *held = &graph->held[dependency->held_first];
	const uint32_t count = dependency->held_count;

	for (uint32_t i = 0; i < count; i++)
		held[i].step[OCCURRENCE_LAST] = thread->holds[i].step;
	dependency->taken.step[OCCURRENCE_LAST] = thread->holds[count].step;
}

void lock_graph_acquired(struct lock_graph *graph, const struct thread *thread)
{
	const uint32_t count = thread->hold_count < HOLDS_MAX ? thread->hold_count : HOLDS_MAX;
	uint64_t key;

	if (gives_up(&thread->op))
		return;
	key = key_of(thread, count);
	/* There is one slot per dependency at most, fewer than slots, so the loop ends. */
	for (uint32_t i = (uint32_t)(key >> 40);; i++) {
		struct lock_seen *seen = &graph->seen[i & (LOCK_GRAPH_SLOTS - 1)];

		if (seen->generation != graph->generation) {
			add(graph, thread, count, seen, key);
			return;
		}
		if (seen->key == key) {
			occurred_again(graph, thread, &graph->dependencies[seen->dependency]);
			return;
		}
	}
}
