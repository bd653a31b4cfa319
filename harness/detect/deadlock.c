/* SPDX-License-Identifier: Apache-2.0 */
/* The frame of the analysis: what is looked for, in which order, and which explanation is kept. */
#include "detect/deadlock_parts.h"

static struct analysis scratch;

struct finding *deadlock_propose(struct analysis *a, enum finding_cause cause)
{
	finding_init(&a->candidate, FINDING_DEADLOCK, cause);
	bitset_clear(a->core, THREADS_MAX);
	return &a->candidate;
}

static void add_created(struct analysis *a)
{
	uint32_t id;

	bitset_for_each(id, a->core, a->count)
		site_add_created(&a->candidate, a->threads[id]);
}

static void add_others(struct analysis *a)
{
	for (uint32_t i = 0; i < a->count; i++)
		if (a->graph.class_of[i] != WAIT_NOTHING && !bitset_has(a->core, i))
			site_add_wait(&a->candidate, a->threads[i]);
}

void deadlock_consider(struct analysis *a, uint32_t rank, uint32_t support, uint32_t order)
{
	bool better = rank < a->rank;

	if (rank == a->rank && support != a->support)
		better = support > a->support;
	else if (rank == a->rank && order != a->order)
		better = order < a->order;
	else if (rank == a->rank)
		better = a->candidate.key < a->out->key;
	if (!better)
		return;
	add_created(a);
	add_others(a);
	*a->out = a->candidate;
	a->rank = rank;
	a->support = support;
	a->order = order;
}

static void consider_ends(struct analysis *a)
{
	bitset_clear(a->grouped, THREADS_MAX);
	for (uint32_t i = 0; i < a->count; i++) {
		const struct thread *t = a->threads[i];
		const bool owns = t->status != THREAD_UNUSED && t->hold_count > 0;
		const enum wait_class class = (enum wait_class)a->graph.class_of[i];

		if (owns && t->status == THREAD_FINISHED)
			deadlock_exited(a, t);
		else if (owns && (class == WAIT_EVENT || class == WAIT_JOIN))
			deadlock_forgotten(a, t);
		if (class == WAIT_EVENT && !bitset_has(a->grouped, i))
			deadlock_event(a, t);
		else if ((class == WAIT_LOCK || class == WAIT_JOIN) &&
			 a->graph.first[i] == a->graph.first[i + 1] &&
			 !(class == WAIT_LOCK && deadlock_forked(a, t)))
			deadlock_unowned(a, t);
	}
}

bool deadlock_classify(const struct thread *const *threads, uint32_t count,
		       const struct event_log *log, place_fn place, struct finding *out)
{
	struct analysis *a = &scratch;
	bool blocked = false;

	for (uint32_t i = 0; i < count; i++)
		blocked |= threads[i]->status == THREAD_BLOCKED;
	finding_init(out, FINDING_DEADLOCK, CAUSE_NONE);
	if (!blocked)
		return false;
	a->threads = threads;
	a->count = count;
	a->log = log;
	a->place = place;
	a->out = out;
	a->rank = RANK_NONE;
	wait_graph_build(&a->graph, threads, count, log);
	deadlock_cycles(a);
	if (a->rank == RANK_NONE)
		consider_ends(a);
	if (log->count > 0)
		out->step = event_log_at(log, log->count - 1)->step + 1;
	return true;
}
