/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory accesses of instrumented programs: what instrument/ calls, before the program performs
 * each.
 *
 * Three things can come of an access. It is remembered in the shadow and compared with what others
 * did there (detect/race.h). It may be a scheduling point: the thread publishes it, somebody else
 * may go first. And a long run of accesses without any step is noticed: a loop that only reads is
 * waiting for another thread, and one that only computes shall not keep all others waiting.
 *
 * **Which accesses are scheduling points.** Where all conflicting accesses are ordered by
 * synchronisation, switching at synchronisation is enough (Musuvathi, Qadeer et al., "Finding and
 * reproducing Heisenbugs", OSDI 2008, section 3.1). So it is those places of the code that ever
 * took part in a race, and atomic operations. A race is found whatever the schedule switches at:
 * the place becomes a point there and then, for the rest of the schedule; the learning batch
 * collects them for the campaign (access_learn()). Points are places, module and offset, not
 * addresses of data, which differ between schedules; a failure file lists them, so a replay has the
 * same points without the campaign.
 *
 * A place of the code is known by the return address of its __tsan_* call.
 */
#ifndef JOSTLE_ENGINE_ACCESS_H
#define JOSTLE_ENGINE_ACCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hidden.h"
#include "engine/access/shadow.h"
#include "engine/engine.h"
#include "engine/processes/kill.h"
#include "event/op.h"

enum access_site {
	SITE_UNKNOWN, /* no access from there yet in this process */
	SITE_PLAIN,
	SITE_POINT,   /* learned, or as the failure file says */
	SITE_PROMOTED /* since it took part in a race in this schedule */
};

/* How an access is meant, beside its bytes: RACE_WRITE, RACE_ATOMIC. */
typedef uint32_t access_flags;

/* Everything that the fast path reads, in one line of the cache. */
struct access_state {
	uint8_t on;           /* a schedule of an instrumented program runs */
	uint8_t wrote;        /* something was written since the budget was filled */
	uint8_t weak;         /* loads may read older stores: weak.h */
	uint8_t weak_told;    /* the report says that they do not, or need not */
	int32_t budget;       /* accesses before one looks whether this gets anywhere; spent: < 0 */
	uint32_t epoch;       /* of the current thread, at its place in a cell */
	uint32_t ignore;      /* the current thread asked that its accesses do not count */
	uint32_t kill_writes; /* that this process still makes to shared memory before it dies:
				 kill.h; 0: it is not condemned. Then no access is common: the
				 budget stays spent. */
} __attribute__((aligned(64)));
extern HIDDEN struct access_state access_state;
extern HIDDEN struct race access_race;

/* The program calls __tsan_*: told by __tsan_init() before takeover. */
extern bool access_instrumented;

/* At takeover: 0, or -errno when there is no room for shadow memory. Does nothing for a program
 * that is not instrumented. */
int access_init(void);
/* What it knows is common to this process and those that it will fork, under control. 0 or -errno.
 */
int access_share(void);
/* Not in this schedule any more: somebody orders accesses unseen. */
void access_stop(const char *note);
/* This process goes on after others have run. */
void access_resumed(void);
/* A process was forked, which only happens after access_share(): called in it. */
void access_forked(void);
/* A schedule begins, with the world's threads in place. */
void access_begin(void);

/* Slow ways of the inline function below. */
void access_special(uint8_t *site, uintptr_t address, unsigned size, access_flags flags,
		    uintptr_t pc);
void access_compare(uintptr_t address, unsigned size, access_flags flags, uintptr_t pc);
void access_budget_spent(uintptr_t address, uintptr_t pc);
/* Any address, any size: memcpy and the like, and accesses that cross a granule. */
void access_range(uintptr_t address, size_t size, access_flags flags, uintptr_t pc);
/* An atomic operation is about to happen at pc: the scheduling point. */
void access_atomic(uintptr_t address, unsigned size, enum op_kind kind, uintptr_t pc);
/* It happened: comparison with plain accesses. changed: the memory is not what it was. */
void access_atomic_done(uintptr_t address, unsigned size, access_flags flags, bool changed,
			uintptr_t pc);
/* A load or a store of a weaker order than sequential consistency is performed where loads read the
 * latest store: the report says so, once. */
void access_weak(void);
/* A fence is a scheduling point, too. */
void access_fence(uintptr_t pc);
/* Accesses of the current thread do not count until as many ends as begins were seen. */
void access_ignore(bool begin);

/* A heap block was handed out, or is about to be freed; a mapping came or went. */
void access_allocated(uintptr_t address, size_t size, const void *site);
void access_freed(uintptr_t address, size_t size, const void *site);
void access_mapped(uintptr_t address, size_t size);
/* The site where the block that starts at @block was allocated, for a finding. */
bool access_allocation(uintptr_t block, struct finding_site *site);

/* access_calls.c: buffers of the system call c, before it is published and when it is over. */
struct call;
void access_before_call(const struct call *c);
void access_after_call(const struct call *c, long result);

/* access_events.c: what the performed operation of t orders. Called by the step when
 * access_state.on.
 */
void access_performed(struct thread *t, bool done);
void access_thread_created(const struct thread *creator, const struct thread *created);
/* It knows what was handed to the object so far, and nothing else. */
void access_thread_notified(const struct thread *created, uint64_t object);
/* A thread hands to an object what it did so far; takes in what was handed to it; nobody did. */
void access_handed(thread_id thread, uint64_t object);
void access_taken(thread_id thread, uint64_t object);
void access_forgotten(uint64_t object);
/*
 * Code whose accesses are not seen, but whose atomic instructions trap (inline_atomics.h): one of
 * the thread at operand, which reads and writes, and orders as the strongest. And the thread waits
 * there, for what a plain store may bring, which is not seen: it is taken to know what all atomic
 * instructions up to now have handed over.
 */
void access_inline_atomic(thread_id thread, const void *operand);
void access_inline_waited(thread_id thread);
void access_timer_armed(thread_id thread);
/* t is the last thread, all others have ended: what follows, the handlers of exit(), comes after.
 */
void access_thread_last(const struct thread *t);
void access_signal_taken(const struct thread *t);
/* It ended without a word, with its process. */
void access_thread_dropped(const struct thread *t);
/* What an object at that address is known by to the detector, in all processes. */
uint64_t access_object(const void *address);

extern HIDDEN uint16_t access_ignores[THREADS_MAX];

/* Is it a place that accesses memory, and so no call of anything else? What comes of an access
 * leaves its place behind on the program's stack, where a replay does more than a campaign. */
static inline bool access_is_place(uintptr_t pc)
{
	const uint8_t *site = access_instrumented ? shadow_site(pc) : NULL;

	return site && *site != SITE_UNKNOWN;
}

/* The current thread, or its epoch, may be another one: after a step, and after an atomic
 * operation. */
static inline void access_refresh(void)
{
	const thread_id self = engine_current->id;

	access_state.epoch = race_epoch(&access_race, self) << RACE_EPOCH_SHIFT;
	access_state.ignore = access_ignores[self];
}

/* All that a common access does not need. */
void access_uncommon(uintptr_t address, unsigned size, access_flags flags, uintptr_t pc);

/* size: 1, 2, 4 or 8, within one granule. Calls nothing in the common case, and otherwise nothing
 * but the one, at its end: it needs no stack. */
static inline __attribute__((always_inline)) void access_check(uintptr_t address, unsigned size,
							       access_flags flags, uintptr_t pc)
{
	const race_cell *cells;
	const uint8_t *sites;

	if (__builtin_expect(!access_state.on, 0))
		return;
	if (flags & RACE_WRITE)
		access_state.wrote = 1;
	if (__builtin_expect(--access_state.budget >= 0, 1)) {
		/* Not before: where nothing is looked at there may be no tables (standin). */
		cells = shadow_cell_areas[(address >> SHADOW_AREA_SHIFT) & (SHADOW_AREAS - 1)];
		sites = shadow_site_areas[(pc >> SHADOW_AREA_SHIFT) & (SHADOW_AREAS - 1)];
		if (__builtin_expect(
			    sites && cells && sites[(pc & SHADOW_AREA_MASK) / 4] == SITE_PLAIN &&
				    race_remembers(cells + (address & SHADOW_AREA_MASK) /
								   RACE_GRANULE * RACE_CELLS,
						   access_state.epoch,
						   ((1u << size) - 1) << address % RACE_GRANULE,
						   flags),
			    1))
			return;
	}
	access_uncommon(address, size, flags, pc);
}

#endif
