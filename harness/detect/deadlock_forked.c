/* SPDX-License-Identifier: Apache-2.0 */
/*
 * owner-not-forked: a fork copies memory but of all threads only the one that forks. A lock that
 * another one held at that moment is locked in the copy, and whoever could unlock it is not there.
 *
 * The child's copy is an object of its own, of which nobody owns the lock. Who held the original is
 * read from the log: backwards from the fork, the lock's events in the parent. What the parent did
 * not touch since it was forked itself is looked for in its own parent.
 */
#include "detect/deadlock_parts.h"

/* The fork that made a process; NULL: not in the log. */
static const struct event *fork_of(const struct analysis *a, process_id process, uint64_t *at)
{
	for (uint64_t n = *at; n-- > event_log_first(a->log);) {
		const struct event *e = event_log_at(a->log, n);

		if (e->kind == OP_FORK && e->aux && e->aux < a->count &&
		    a->threads[e->aux]->process == process && e->thread < a->count) {
			*at = n;
			return e;
		}
	}
	return NULL;
}

static bool takes(const struct event *e, uint64_t lock)
{
	switch (e->kind) {
	case OP_MUTEX_LOCK:
	case OP_MUTEX_TRYLOCK:
	case OP_RWLOCK_RDLOCK:
	case OP_RWLOCK_TRYRDLOCK:
	case OP_RWLOCK_WRLOCK:
	case OP_RWLOCK_TRYWRLOCK:
	case OP_SPIN_LOCK:
	case OP_SPIN_TRYLOCK:
		return e->object == lock && e->result == 0;
	case OP_COND_WAIT:
		return e->object2 == lock && !(e->aux & EVENT_AUX_STAGE);
	default:
		return false;
	}
}

static bool gives(const struct event *e, uint64_t lock)
{
	switch (e->kind) {
	case OP_MUTEX_UNLOCK:
	case OP_RWLOCK_UNLOCK:
	case OP_SPIN_UNLOCK:
		return e->object == lock;
	case OP_COND_WAIT:
		return e->object2 == lock && (e->aux & EVENT_AUX_STAGE);
	default:
		return false;
	}
}

/* How another thread of the process that forked had taken the lock before; NULL: none held it. */
static const struct event *held_at(const struct analysis *a, uint64_t fork_at, uint64_t lock)
{
	const struct event *fork = event_log_at(a->log, fork_at);
	uint64_t free_of[THREAD_WORDS];

	bitset_clear(free_of, THREADS_MAX);
	bitset_add(free_of, fork->thread);
	for (uint64_t n = fork_at; n-- > event_log_first(a->log);) {
		const struct event *e = event_log_at(a->log, n);

		if (e->thread >= a->count || bitset_has(free_of, e->thread) ||
		    a->threads[e->thread]->process != a->threads[fork->thread]->process)
			continue;
		if (takes(e, lock))
			return e;
		if (gives(e, lock))
			bitset_add(free_of, e->thread);
	}
	return NULL;
}

bool deadlock_forked(struct analysis *a, const struct thread *waiter)
{
	const uint64_t lock = (uint64_t)(uintptr_t)thread_waits_for(waiter);
	process_id process = waiter->process;
	const struct event *fork, *taken = NULL;
	uint64_t at = a->log->count;
	struct finding *f;

	while (process != 0 && !taken && (fork = fork_of(a, process, &at)) != NULL) {
		taken = held_at(a, at, lock);
		process = a->threads[fork->thread]->process;
	}
	if (!taken)
		return false;
	f = deadlock_propose(a, CAUSE_OWNER_NOT_FORKED);
	bitset_add(a->core, waiter->id);
	site_add_wait(f, waiter);
	site_add_event(f, SITE_FIRST, a->threads[taken->thread], taken);
	finding_set_key(f, a->place);
	site_add_event(f, SITE_FIRST, a->threads[fork->thread], fork);
	deadlock_consider(a, RANK_OWNER_EXITED, 0, 0);
	return true;
}
