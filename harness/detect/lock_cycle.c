/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Searching the dependencies of a schedule for cycles, depth first. A chain begins with its lowest
 * thread, so that each cycle is found once; a dependency joins the chain if its thread is new, it
 * holds the lock that the last one takes, and it can be there at the same time as each other one.
 */
#include "detect/lock_graph.h"

#include <stddef.h>

struct search {
	struct lock_graph *graph;
	const struct thread *const *threads;
	uint32_t thread_count;
	const struct event_log *log;
	place_fn place;
	void (*report)(void *context, const struct finding *);
	void *context;
	uint32_t found;
	struct finding finding;
};

/* One at a time; the finding is too large for an engine's stack. */
static struct search search_area;

static const struct lock_held *held_of(const struct lock_graph *graph,
				       const struct lock_dependency *dependency)
{
	return &graph->held[dependency->held_first];
}

static bool excludes(uint8_t one_mode, uint8_t other_mode)
{
	return one_mode == HOLD_EXCLUSIVE || other_mode == HOLD_EXCLUSIVE;
}

/* The hold of @holder that keeps @waiter out, or NULL. */
static const struct lock_held *keeps_out(const struct lock_graph *graph,
					 const struct lock_dependency *waiter,
					 const struct lock_dependency *holder)
{
	const struct lock_held *held = held_of(graph, holder);

	for (uint32_t i = 0; i < holder->held_count; i++)
		if (held[i].lock == waiter->taken.lock &&
		    excludes(held[i].mode, waiter->taken.mode))
			return &held[i];
	return NULL;
}

static bool have_gate(const struct lock_graph *graph, const struct lock_dependency *a,
		      const struct lock_dependency *b)
{
	const struct lock_held *of_a = held_of(graph, a), *of_b = held_of(graph, b);

	for (uint32_t i = 0; i < a->held_count; i++)
		for (uint32_t j = 0; j < b->held_count; j++)
			if (of_a[i].lock == of_b[j].lock && excludes(of_a[i].mode, of_b[j].mode))
				return true;
	return false;
}

/* Can all of the chain and @next be where they are at the same time? */
static bool fits(const struct lock_graph *graph, uint32_t length, struct lock_link next)
{
	const struct lock_dependency *d = lock_graph_at(graph, next);

	for (uint32_t i = 0; i < length; i++) {
		const struct lock_dependency *other = lock_graph_at(graph, graph->path[i]);

		if (other->thread == d->thread || have_gate(graph, other, d))
			return false;
	}
	for (uint32_t i = 0; i < length; i++)
		if (lock_graph_ordered(graph, graph->path[i], next))
			return false;
	return true;
}

/* Does what @holder holds keep @waiter out, and is it the very same lock? */
static bool follows(const struct lock_graph *graph, struct lock_link waiter,
		    struct lock_link holder)
{
	const struct lock_held *held =
		keeps_out(graph, lock_graph_at(graph, waiter), lock_graph_at(graph, holder));

	return held && lock_graph_same(graph, held->lock, waiter, holder);
}

static const struct thread *thread_of(const struct search *search, thread_id id)
{
	return id < search->thread_count ? search->threads[id] : NULL;
}

static void fill(struct search *search, uint32_t length)
{
	const struct lock_graph *graph = search->graph;
	struct finding *f = &search->finding;
	const struct lock_held *between[LOCK_GRAPH_CYCLE_MAX];

	finding_init(f, FINDING_LOCK_ORDER, CAUSE_LOCK_CYCLE);
	for (uint32_t i = 0; i < length; i++) {
		const struct lock_link link = graph->path[i];
		const struct lock_link before = graph->path[(i + length - 1) % length];
		const struct lock_dependency *d = lock_graph_at(graph, link);
		struct finding_site *site = site_add(f, SITE_EDGE, thread_of(search, d->thread));

		between[i] = keeps_out(graph, lock_graph_at(graph, before), d);
		if (!site)
			continue;
		site->thread = d->thread;
		site->op_kind = d->taken.op_kind;
		site->pc = (uint64_t)(uintptr_t)d->taken.site;
		site->object = (uint64_t)(uintptr_t)d->taken.object & ~OBJECT_SHARED;
		site->object2 = (uint64_t)(uintptr_t)between[i]->object & ~OBJECT_SHARED;
		site->step = d->taken.step[link.occurrence];
	}
	for (uint32_t i = 0; i < length; i++) {
		const struct lock_link link = graph->path[i];
		const thread_id thread = lock_graph_at(graph, link)->thread;
		struct finding_site *site = site_add(f, SITE_HOLDS, thread_of(search, thread));

		if (!site)
			break;
		site->thread = thread;
		site->op_kind = between[i]->op_kind;
		site->pc = (uint64_t)(uintptr_t)between[i]->site;
		site->object = (uint64_t)(uintptr_t)between[i]->object & ~OBJECT_SHARED;
		site->step = between[i]->step[link.occurrence];
	}
	finding_set_key(f, search->place);
}

static void tell(struct search *search, uint32_t length)
{
	struct lock_graph *graph = search->graph;

	if (lock_graph_crowded(graph, search->threads, search->thread_count, search->log, length))
		return;
	fill(search, length);
	for (uint32_t i = 0; i < graph->key_count; i++)
		if (graph->keys[i] == search->finding.key)
			return;
	if (graph->key_count == LOCK_GRAPH_KEYS) {
		graph->lost++;
		return;
	}
	graph->keys[graph->key_count++] = search->finding.key;
	search->found++;
	search->report(search->context, &search->finding);
}

/* The first or last occurrence of a dependency, numbered through; false: the last is the first. */
static bool link_at(const struct lock_graph *graph, uint32_t n, struct lock_link *link)
{
	const struct lock_held *taken = &graph->dependencies[n / OCCURRENCES].taken;

	*link = (struct lock_link){ .dependency = (uint16_t)(n / OCCURRENCES),
				    .occurrence = (uint16_t)(n % OCCURRENCES) };
	return link->occurrence == OCCURRENCE_FIRST ||
	       taken->step[OCCURRENCE_LAST] != taken->step[OCCURRENCE_FIRST];
}

/* Extends the chain of @length links by one in every possible way. At most LOCK_GRAPH_CYCLE_MAX
 * calls deep. */
static void extend(struct search *search, uint32_t length)
{
	struct lock_graph *graph = search->graph;
	const struct lock_link first = graph->path[0];
	const struct lock_link last = graph->path[length - 1];

	if (length > 1 && follows(graph, last, first))
		tell(search, length);
	if (length == LOCK_GRAPH_CYCLE_MAX)
		return;
	for (uint32_t n = 0; n < OCCURRENCES * graph->dependency_count && graph->visits > 0; n++) {
		struct lock_link next;

		graph->visits--;
		if (!link_at(graph, n, &next) ||
		    lock_graph_at(graph, next)->thread <= lock_graph_at(graph, first)->thread ||
		    !follows(graph, last, next) || !fits(graph, length, next))
			continue;
		graph->path[length] = next;
		extend(search, length + 1);
	}
}

uint32_t lock_graph_check(struct lock_graph *graph, const struct thread *const *threads,
			  uint32_t count, const struct event_log *log, place_fn place,
			  void (*report)(void *context, const struct finding *), void *context)
{
	struct search *search = &search_area;

	/* No lock stood on both sides: there is no chain of two, let alone a cycle. */
	if (!graph->may_cycle)
		return 0;
	if (!lock_graph_read(graph, log)) {
		graph->lost++;
		return 0;
	}
	search->graph = graph;
	search->threads = threads;
	search->thread_count = count;
	search->log = log;
	search->place = place;
	search->report = report;
	search->context = context;
	search->found = 0;
	graph->visits = LOCK_GRAPH_VISITS;
	for (uint32_t n = 0; n < OCCURRENCES * graph->dependency_count && graph->visits > 0; n++)
		if (link_at(graph, n, &graph->path[0]))
			extend(search, 1);
	if (graph->visits == 0)
		graph->lost++;
	return search->found;
}
