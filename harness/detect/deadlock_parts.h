/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts of the deadlock analysis; nothing outside of deadlock*.c includes this.
 *
 * Every possible cause is made into a complete finding and the best one is kept. So the order in
 * which threads are looked at cannot matter: ties are broken by keys, which know no numbers.
 *
 *	deadlock_propose(a, cause);	an empty candidate
 *	site_add_...(&a->candidate)	its core, each member added to a->core
 *	finding_set_key(...)		the core is complete; what is added later only illustrates
 *	deadlock_consider(a, rank, ...)	better than what there is?
 */
#ifndef JOSTLE_DETECT_DEADLOCK_PARTS_H
#define JOSTLE_DETECT_DEADLOCK_PARTS_H

#include <stddef.h>

#include "base/bitset.h"
#include "detect/deadlock.h"
#include "detect/wait_graph.h"

/* Of two explanations the one of the lower rank is the cause. */
enum rank {
	RANK_SELF,
	RANK_UPGRADE,
	RANK_LOCK_CYCLE,
	RANK_JOIN_CYCLE,
	RANK_CIRCLE,
	RANK_OWNER_EXITED,
	RANK_FORGOTTEN_UNLOCK,
	RANK_EVENT,
	RANK_NONE,
};

#define THREAD_WORDS BITSET_WORDS(THREADS_MAX)

struct analysis {
	const struct thread *const *threads;
	uint32_t count;
	const struct event_log *log;
	place_fn place;
	struct finding *out;
	uint32_t rank; /* of *out, as are the next two */
	uint32_t support;
	uint32_t order;
	struct wait_graph graph;
	struct finding candidate;
	uint64_t core[THREAD_WORDS]; /* of the candidate */
	uint64_t grouped[THREAD_WORDS];
	thread_id cycle[THREADS_MAX];
};

/* Starts a candidate without sites. */
struct finding *deadlock_propose(struct analysis *a, enum finding_cause cause);
/*
 * The candidate has its key; it becomes the finding if it explains better: lower rank, then higher
 * support, then lower order, then lower key.
 */
void deadlock_consider(struct analysis *a, uint32_t rank, uint32_t support, uint32_t order);

/* deadlock_cycle.c: all cycles */
void deadlock_cycles(struct analysis *a);
/* deadlock_owner.c: locks of @owner, who has ended; who waits for something else */
void deadlock_exited(struct analysis *a, const struct thread *owner);
void deadlock_forgotten(struct analysis *a, const struct thread *owner);
/* deadlock_event.c: all that wait for the same event as @leader, the first of them */
void deadlock_event(struct analysis *a, const struct thread *leader);
/* deadlock_forked.c: the lock's copy, which was held when the waiter's process was forked. False:
 * it was not. */
bool deadlock_forked(struct analysis *a, const struct thread *waiter);
/* A lock or a thread to join of which nobody knows the owner, or the thread. */
void deadlock_unowned(struct analysis *a, const struct thread *waiter);

#endif
