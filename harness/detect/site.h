/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Filling the sites of a finding, and its key.
 *
 * A finding names the places that took part, each in a role. Those of its core (the threads that
 * are the cause) come first and make the key by which findings of different schedules are seen to
 * be the same; those of bystanders follow. Sites beyond FINDING_SITES_MAX are dropped: the core
 * comes first so that it survives.
 */
#ifndef JOSTLE_DETECT_SITE_H
#define JOSTLE_DETECT_SITE_H

#include <stdbool.h>
#include <stdint.h>

#include "event/event.h"
#include "event/finding.h"
#include "event/thread.h"

/* Makes an address comparable between runs, such as module and offset. NULL: the page offset. */
typedef uint64_t (*place_fn)(uint64_t pc);

/* The step of something that a thread is about to do and never did: its stack is that at the end.
 */
#define SITE_STEP_END UINT32_MAX

/* Clears *finding and sets kind, cause and the kind's severity. */
void finding_init(struct finding *finding, enum finding_kind kind, enum finding_cause cause);

/* The next free site, cleared but for role and who; NULL when there is none left. */
struct finding_site *site_add(struct finding *finding, enum site_role role,
			      const struct thread *thread);

/* What a blocked thread waits for, at the place where it waits. */
void site_add_wait(struct finding *finding, const struct thread *thread);
/* A lock that it holds, at the place where it was taken. */
void site_add_hold(struct finding *finding, const struct thread *thread, const struct hold *hold);
/* What it did once. */
void site_add_event(struct finding *finding, enum site_role role, const struct thread *thread,
		    const struct event *event);
/* Where it was created; nothing for threads that nobody created. */
void site_add_created(struct finding *finding, const struct thread *thread);

/*
 * Sets the key from kind, cause and the set of (role, operation, place) of the sites that are there
 * now. Threads, addresses, steps and how many did the same do not count.
 */
void finding_set_key(struct finding *finding, place_fn place);

/*
 * What the thread stands before: the object of its operation, or the mutex of a condition wait that
 * was woken.
 */
static inline const void *thread_waits_for(const struct thread *thread)
{
	const struct op *op = &thread->op;

	if (object_is_shared(thread->wait_object))
		return thread->wait_object;
	if (op->kind == OP_COND_WAIT && op->object2 && thread->wait_object == op->object2)
		return op->object2;
	return op->object;
}

/*
 * Does the key (event/thread.h) mean this object of the operation? Of an object in shared memory an
 * operation has the address in its own process: the place within the page is what both have.
 */
static inline bool object_meant(const void *key, const void *object)
{
	const uint64_t differ = (uint64_t)(uintptr_t)key ^ (uint64_t)(uintptr_t)object;

	return object_is_shared(key) ? (differ & 0xfff) == 0 : differ == 0;
}

/* The operation that took a lock of this family. */
enum op_kind hold_op_kind(const struct hold *hold);

#endif
