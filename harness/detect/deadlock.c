/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every possible cause is made into a complete finding and the best one is kept. So the order in
 * which threads are looked at cannot matter: ties are broken by keys, which know no numbers.
 */
#include "detect/deadlock.h"

#include <stddef.h>

#include "base/bitset.h"
#include "detect/signals.h"
#include "detect/wait_graph.h"

/* Of two explanations the one of the lower rank is the cause. */
enum rank {
	RANK_SELF,
	RANK_UPGRADE,
	RANK_LOCK_CYCLE,
	RANK_JOIN_CYCLE,
	RANK_OWNER_EXITED,
	RANK_FORGOTTEN_UNLOCK,
	RANK_EVENT,
	RANK_NONE,
};

/* Causes of rank RANK_EVENT with the same number of threads behind them, most telling first. */
static const uint8_t event_order[] = {
	CAUSE_MISSED_BROADCAST, CAUSE_LOST_WAKEUP, CAUSE_NO_SIGNAL,
	CAUSE_SEMAPHORE,        CAUSE_QUEUE,       CAUSE_PIPE,
	CAUSE_CHILD_WAIT,       CAUSE_WAIT_SIGNAL, CAUSE_FUTEX,
	CAUSE_BARRIER,
};

#define THREAD_WORDS BITSET_WORDS(THREADS_MAX)

struct analysis {
	const struct thread *const *threads;
	uint32_t count;
	const struct event_log *log;
	place_fn place;
	struct finding *out;
	uint32_t rank; /* of *out */
	uint32_t support;
	uint32_t order;
	struct wait_graph graph;
	struct finding candidate;
	uint64_t core[THREAD_WORDS]; /* of the candidate */
	uint64_t grouped[THREAD_WORDS];
	thread_id cycle[THREADS_MAX];
};

static struct analysis scratch;

/* Starts a candidate without sites. */
static struct finding *propose(struct analysis *a, enum finding_cause cause)
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

/* The candidate has its key; it becomes the finding if it explains better. */
static void consider(struct analysis *a, uint32_t rank, uint32_t support, uint32_t order)
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

static void consider_cycle(struct analysis *a, uint32_t length)
{
	enum finding_cause cause = CAUSE_LOCK_CYCLE;
	uint32_t rank = RANK_LOCK_CYCLE;
	struct finding *f;

	for (uint32_t i = 0; i < length; i++) {
		const struct thread *t = a->threads[a->cycle[i]];
		const void *object = thread_waits_for(t);

		if (a->graph.class_of[t->id] == WAIT_JOIN) {
			cause = CAUSE_JOIN_CYCLE;
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
	f = propose(a, cause);
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
	consider(a, rank, 0, 0);
}

/* Locks alone explain more than joins, and two upgraders more than one that waits for itself. */
static void consider_cycles(struct analysis *a)
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

static bool waits_for_lock_of(const struct analysis *a, uint32_t waiter, const struct thread *owner)
{
	return a->graph.class_of[waiter] == WAIT_LOCK && a->threads[waiter] != owner &&
	       wait_hold(a->threads[waiter], owner);
}

/* The locks of @owner that anybody waits for; the first one that was taken, NULL: none. */
static const struct hold *add_wanted_holds(struct analysis *a, const struct thread *owner)
{
	const struct hold *first = NULL;

	for (uint32_t h = 0; h < owner->hold_count && h < HOLDS_MAX; h++) {
		const struct hold *hold = &owner->holds[h];
		bool wanted = false;

		for (uint32_t i = 0; i < a->count && !wanted; i++)
			wanted = waits_for_lock_of(a, i, owner) &&
				 thread_waits_for(a->threads[i]) == hold->object;
		if (!wanted)
			continue;
		site_add_hold(&a->candidate, owner, hold);
		if (!first)
			first = hold;
	}
	return first;
}

static void add_lock_waiters(struct analysis *a, const struct thread *owner)
{
	for (uint32_t i = 0; i < a->count; i++)
		if (waits_for_lock_of(a, i, owner)) {
			bitset_add(a->core, i);
			site_add_wait(&a->candidate, a->threads[i]);
		}
}

/*
 * The key is made of the places where the owner took what it never gave back: whoever happens to
 * stand before the lock, it is the same mistake.
 */
static void consider_exited(struct analysis *a, const struct thread *owner)
{
	struct finding *f = propose(a, CAUSE_OWNER_EXITED);
	const struct hold *hold = add_wanted_holds(a, owner);
	const uint64_t end = signals_wait_begin(a->log, owner->id);

	if (!hold)
		return;
	finding_set_key(f, a->place);
	bitset_add(a->core, owner->id);
	if (end > 0) {
		site_add_event(f, SITE_ENDED, owner, event_log_at(a->log, end - 1));
		f->sites[f->site_count - 1].object = (uint64_t)(uintptr_t)hold->object;
	}
	add_lock_waiters(a, owner);
	consider(a, RANK_OWNER_EXITED, 0, 0);
}

/* Where @thread's chain of joins ends: at a wait for an event, or NULL. */
static const struct thread *event_behind(const struct analysis *a, const struct thread *thread)
{
	for (uint32_t i = 0; i < a->count; i++) {
		const uint16_t edge = a->graph.first[thread->id];

		if (a->graph.class_of[thread->id] == WAIT_EVENT)
			return thread;
		if (a->graph.class_of[thread->id] != WAIT_JOIN || edge == a->graph.edge_count)
			return NULL;
		thread = a->threads[a->graph.edges[edge].to];
	}
	return NULL;
}

/* Was @thread's missing signal sent at @step or later? */
static bool signalled_since(const struct analysis *a, const struct thread *thread, uint32_t step)
{
	struct signal_fate fate;

	if (!thread || thread->op.kind != OP_COND_WAIT)
		return false;
	fate = signals_fate(a->log, thread->op.object, signals_wait_begin(a->log, thread->id));
	return fate.signal && fate.signal->step >= step;
}

static void consider_forgotten(struct analysis *a, const struct thread *owner)
{
	struct finding *f = propose(a, CAUSE_FORGOTTEN_UNLOCK);
	const struct hold *hold = add_wanted_holds(a, owner);

	if (!hold || signalled_since(a, event_behind(a, owner), hold->step))
		return;
	finding_set_key(f, a->place);
	bitset_add(a->core, owner->id);
	site_add_wait(f, owner);
	add_lock_waiters(a, owner);
	consider(a, RANK_FORGOTTEN_UNLOCK, 0, 0);
}

static enum finding_cause cause_of_event(const struct thread *thread)
{
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
				if (!bitset_has(behind, a->graph.edges[e].to))
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

/* All that wait for the same event as @leader, who is the first of them. */
static void consider_event(struct analysis *a, const struct thread *leader)
{
	struct finding *f = propose(a, cause_of_event(leader));
	const struct event *signal = NULL;

	for (uint32_t i = leader->id; i < a->count; i++) {
		const struct thread *t = a->threads[i];

		if (a->graph.class_of[i] != WAIT_EVENT || t->op.object != leader->op.object ||
		    op_kind_family(t->op.kind) != op_kind_family(leader->op.kind))
			continue;
		bitset_add(a->core, i);
		bitset_add(a->grouped, i);
		site_add_wait(f, t);
		if (t->op.kind == OP_COND_WAIT) {
			const struct signal_fate fate = signals_fate(
				a->log, t->op.object, signals_wait_begin(a->log, t->id));

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
	consider(a, RANK_EVENT, support_of(a), order_of(f->cause));
}

/* A lock or a thread to join of which nobody knows the owner, or the thread. */
static void consider_unowned(struct analysis *a, const struct thread *waiter)
{
	struct finding *f =
		propose(a, waiter->op.kind == OP_FUTEX_LOCK_PI ? CAUSE_FUTEX : CAUSE_NONE);

	bitset_add(a->core, waiter->id);
	site_add_wait(f, waiter);
	finding_set_key(f, a->place);
	consider(a, RANK_EVENT, support_of(a), order_of(f->cause));
}

static void consider_ends(struct analysis *a)
{
	bitset_clear(a->grouped, THREADS_MAX);
	for (uint32_t i = 0; i < a->count; i++) {
		const struct thread *t = a->threads[i];
		const bool owns = t->status != THREAD_UNUSED && t->hold_count > 0;
		const enum wait_class class = (enum wait_class)a->graph.class_of[i];

		if (owns && t->status == THREAD_FINISHED)
			consider_exited(a, t);
		else if (owns && (class == WAIT_EVENT || class == WAIT_JOIN))
			consider_forgotten(a, t);
		if (class == WAIT_EVENT && !bitset_has(a->grouped, i))
			consider_event(a, t);
		else if ((class == WAIT_LOCK || class == WAIT_JOIN) &&
			 a->graph.first[i] == a->graph.first[i + 1])
			consider_unowned(a, t);
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
	wait_graph_build(&a->graph, threads, count);
	consider_cycles(a);
	if (a->rank == RANK_NONE)
		consider_ends(a);
	if (log->count > 0)
		out->step = event_log_at(log, log->count - 1)->step + 1;
	return true;
}
