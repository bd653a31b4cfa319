/* SPDX-License-Identifier: Apache-2.0 */
/* Who waits for whom is a function here, not a graph: each thread waits for one thing. */
#include "perturb/perturb_hang.h"

#include <string.h>

#include "event/op.h"
#include "event/thread.h"

#define NOBODY PERTURB_NO_ENTRY

static const struct perturb_thread *thread_at(const struct perturb_board *board, uint32_t index)
{
	return &board->threads[index];
}

static bool waits(const struct perturb_thread *thread)
{
	return thread->state == PERTURB_WAITS && !thread->timed;
}

static bool wants_lock(const struct perturb_thread *thread)
{
	switch (thread->op) {
	case OP_MUTEX_LOCK:
	case OP_RWLOCK_RDLOCK:
	case OP_RWLOCK_WRLOCK:
	case OP_SPIN_LOCK:
		return true;
	default:
		return false;
	}
}

static const struct perturb_hold *hold_of(const struct perturb_thread *thread, uint64_t object)
{
	for (uint32_t i = 0; i < thread->hold_count && i < PERTURB_HOLDS_MAX; i++)
		if (thread->holds[i].object == object)
			return &thread->holds[i];
	return NULL;
}

/* The thread that this one waits for, itself included; one that waits in turn is preferred, since
 * only that leads to a cycle. */
static uint32_t awaited(const struct perturb_board *board, uint32_t index)
{
	const struct perturb_thread *thread = thread_at(board, index);
	uint32_t found = NOBODY;

	for (uint32_t i = 0; i < PERTURB_THREADS_MAX; i++) {
		const struct perturb_thread *other = thread_at(board, i);
		bool is_it = false;

		if (other->state == PERTURB_UNUSED)
			continue;
		if (wants_lock(thread))
			is_it = hold_of(other, thread->object) != NULL;
		else if (thread->op == OP_THREAD_JOIN)
			is_it = other->handle == thread->object && other->pid == thread->pid &&
				other->state != PERTURB_ENDED;
		if (is_it && (found == NOBODY || (waits(other) && i != index)))
			found = i;
	}
	return found;
}

static void add_site(struct finding *finding, const struct perturb_board *board, uint32_t index,
		     enum site_role role, uint64_t pc, uint64_t object)
{
	const struct perturb_thread *thread = thread_at(board, index);
	struct finding_site *site;

	if (finding->site_count >= FINDING_SITES_MAX)
		return;
	site = &finding->sites[finding->site_count++];
	site->role = (uint8_t)role;
	site->pc = pc;
	site->object = object;
	site->thread = (uint16_t)index;
	site->op_kind = (uint8_t)thread->op;
	site->step = UINT32_MAX;
	if (role == SITE_WAITS)
		site->object2 = thread->object2;
}

static void add_wait(struct finding *finding, const struct perturb_board *board, uint32_t index)
{
	const struct perturb_thread *thread = thread_at(board, index);

	add_site(finding, board, index, SITE_WAITS, thread->site,
		 thread->op == OP_THREAD_JOIN ? 0 : thread->object);
}

/* Follows who waits for whom from one thread; true when that leads back to it. */
static bool in_cycle(const struct perturb_board *board, uint32_t start)
{
	uint32_t at = start;

	for (uint32_t steps = 0; steps < PERTURB_THREADS_MAX; steps++) {
		if (!waits(thread_at(board, at)))
			return false;
		at = awaited(board, at);
		if (at == NOBODY)
			return false;
		if (at == start)
			return true;
	}
	return false;
}

/* A reader that wants to become the writer without letting go. */
static bool upgrades(const struct perturb_thread *thread)
{
	const struct perturb_hold *own = hold_of(thread, thread->object);

	return thread->op == OP_RWLOCK_WRLOCK && own && own->shared;
}

static void tell_cycle(const struct perturb_board *board, uint32_t start, struct finding *finding)
{
	uint32_t at = start, length = 0;
	bool any_lock = false, any_upgrade = false;

	do {
		const struct perturb_thread *thread = thread_at(board, at);
		const uint32_t next = awaited(board, at);
		const struct perturb_hold *hold = hold_of(thread_at(board, next), thread->object);

		any_lock |= wants_lock(thread);
		any_upgrade |= upgrades(thread);
		add_wait(finding, board, at);
		if (wants_lock(thread) && hold) {
			add_site(finding, board, next, SITE_HOLDS, hold->site, hold->object);
			finding->sites[finding->site_count - 1].op_kind = (uint8_t)thread->op;
		}
		at = next;
		length++;
	} while (at != start && length < PERTURB_THREADS_MAX);
	finding->cause = any_upgrade   ? CAUSE_UPGRADE
			 : length == 1 ? CAUSE_SELF
			 : any_lock    ? CAUSE_LOCK_CYCLE
				       : CAUSE_JOIN_CYCLE;
}

/* A thread that ended with the lock that this one wants. */
static bool tell_ended_owner(const struct perturb_board *board, uint32_t index,
			     struct finding *finding)
{
	const struct perturb_thread *thread = thread_at(board, index);
	const uint32_t owner = wants_lock(thread) ? awaited(board, index) : NOBODY;

	if (owner == NOBODY || thread_at(board, owner)->state != PERTURB_ENDED)
		return false;
	finding->cause = CAUSE_OWNER_EXITED;
	add_wait(finding, board, index);
	add_site(finding, board, owner, SITE_HOLDS,
		 hold_of(thread_at(board, owner), thread->object)->site, thread->object);
	return true;
}

/* A signal on the condition that this thread waits for found nobody. */
static bool tell_lost_wakeup(const struct perturb_board *board, uint32_t index,
			     struct finding *finding)
{
	const struct perturb_thread *thread = thread_at(board, index);

	if (thread->op != OP_COND_WAIT)
		return false;
	for (uint32_t i = 0; i < PERTURB_THREADS_MAX; i++)
		for (uint32_t k = 0; k < PERTURB_SIGNALS_MAX; k++) {
			const struct perturb_signal *lost = &thread_at(board, i)->signals[k];

			if (!lost->object || lost->object != thread->object)
				continue;
			finding->cause = CAUSE_LOST_WAKEUP;
			add_wait(finding, board, index);
			add_site(finding, board, i, SITE_SIGNALLED, lost->site, lost->object);
			finding->sites[finding->site_count - 1].op_kind = OP_COND_SIGNAL;
			return true;
		}
	return false;
}

static enum finding_cause cause_of_wait(const struct perturb_thread *thread)
{
	switch (thread->op) {
	case OP_SEM_WAIT:
		return CAUSE_SEMAPHORE;
	case OP_BARRIER_WAIT:
		return CAUSE_BARRIER;
	case OP_FD_READ:
	case OP_FD_WRITE:
		return CAUSE_PIPE;
	case OP_COND_WAIT:
		return CAUSE_NO_SIGNAL;
	default:
		return CAUSE_NONE;
	}
}

static bool tell_cause(const struct perturb_board *board, struct finding *finding)
{
	for (uint32_t i = 0; i < PERTURB_THREADS_MAX; i++)
		if (waits(thread_at(board, i)) && in_cycle(board, i)) {
			tell_cycle(board, i, finding);
			return true;
		}
	for (uint32_t i = 0; i < PERTURB_THREADS_MAX; i++)
		if (waits(thread_at(board, i)) &&
		    (tell_ended_owner(board, i, finding) || tell_lost_wakeup(board, i, finding)))
			return true;
	for (uint32_t i = 0; i < PERTURB_THREADS_MAX; i++) {
		const struct perturb_thread *thread = thread_at(board, i);

		if (!waits(thread) || !cause_of_wait(thread))
			continue;
		finding->cause = (uint8_t)cause_of_wait(thread);
		add_wait(finding, board, i);
		return true;
	}
	return false;
}

static bool has_wait(const struct finding *finding, uint32_t index)
{
	for (uint16_t i = 0; i < finding->site_count; i++)
		if (finding->sites[i].role == SITE_WAITS && finding->sites[i].thread == index)
			return true;
	return false;
}

void perturb_hang(const struct perturb_board *board, bool stands, struct finding *finding)
{
	*finding = (struct finding){ .kind = FINDING_HANG,
				     .severity = SEVERITY_ERROR,
				     .thread = THREAD_NONE };
	if (stands && tell_cause(board, finding)) {
		finding->kind = FINDING_DEADLOCK;
	} else if (!stands) {
		finding->cause = CAUSE_NO_PROGRESS;
		return;
	}
	/* Those that only stand behind the others. */
	for (uint32_t i = 0; i < PERTURB_THREADS_MAX; i++)
		if (waits(thread_at(board, i)) && !has_wait(finding, i))
			add_wait(finding, board, i);
}
