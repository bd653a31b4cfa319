/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Weak memory: stores that other threads need not see yet.
 *
 * An atomic store of a weaker order than sequential consistency is *pending* until something makes
 * it visible to all. Memory has its value at once; what is kept is the value before, which a load
 * of another thread may still read. So executions are those of the program's order with, in
 * addition, some loads that read an older store: what C11 (5.1.2.4, 7.17.3) calls a store that is
 * earlier in modification order and not hidden. Stores are never late against what happens before:
 *
 *  - a load reads no store older than one that happens before it, of its own thread or by
 *    synchronisation (coherence);
 *  - a store that another thread has read, or that came before a read-modify-write, is visible to
 *    all (stronger than C11, as on all multi-copy-atomic machines: x86, ARMv8);
 *  - a sequentially consistent store or read-modify-write, a fence of that order, and each
 *    operation of a lock, a thread, a descriptor or the system makes visible what happens before
 *    it (stronger than C11 except for fences, and what programmers of x86 rely on);
 *  - after PENDING_PASSES loads that passed it over a store is visible, and so are all when time
 *    passes (7.17.3p16: within a reasonable amount of time).
 *
 * What remains are the executions that surprise: store buffering (each of two threads misses the
 * other's store: Dekker, Peterson, hazard pointers and parking without a fence), and stores of one
 * thread that another one sees out of order where no release or acquire forbids it. A load never
 * reads a store that comes later in the execution. Lidbury and Donaldson, "Dynamic race detection
 * for C++11", POPL 2017, keep whole histories of stores instead.
 *
 * Single-threaded: the caller serialises. No state but struct pending and the race's clocks.
 */
#ifndef JOSTLE_DETECT_PENDING_H
#define JOSTLE_DETECT_PENDING_H

#include "detect/race.h"

#define PENDING_MAX    64 /* at one time, of all threads; of more the oldest is visible */
#define PENDING_PASSES 8

struct pending_store {
	uint64_t object;
	uint64_t old, value;  /* what the object held before, and what it was given */
	struct vclock before; /* what a load that acquires the value before learns */
	uint32_t epoch;       /* of its thread, when it was made */
	thread_id thread;
	uint8_t size; /* 1, 2, 4 or 8 */
	uint8_t passed;
};

struct pending {
	uint32_t count;
	uint32_t used; /* places that have a clock of this schedule */
	struct pending_store stores[PENDING_MAX]; /* those of one object in modification order */
};

/* What a load has before it: the stores that it may pass over are the last of its object's. */
struct pending_choice {
	uint32_t count;              /* of them; 0: it reads what is in memory */
	uint8_t places[PENDING_MAX]; /* of stores, from the oldest that may be passed over */
};

/* A schedule begins: all is visible. Clocks of the last one are gone with its race's arena. */
void pending_begin(struct pending *pending);

/*
 * The thread stored value where old was. The race knows of the access, so that the thread's epoch
 * is the store's, and not yet of the store.
 */
void pending_store(struct pending *pending, struct race *race, thread_id thread, uint64_t object,
		   unsigned size, uint64_t old, uint64_t value);
/* Another store or update of the object, which is visible at once: what came before is, too. */
void pending_overwritten(struct pending *pending, uint64_t object, uint64_t size);

/* The thread loads the object, which holds value. */
void pending_look(struct pending *pending, const struct race *race, thread_id thread,
		  uint64_t object, unsigned size, uint64_t value, struct pending_choice *choice);
/*
 * It passes over the last few of the choice, and reads what the oldest of these replaced. Returns
 * that store; it is there until the next call. 0: it reads the latest, and returns NULL.
 */
const struct pending_store *pending_load(struct pending *pending, thread_id thread,
					 const struct pending_choice *choice, uint32_t few);

/* All that happens before what the thread does next is visible to all. */
void pending_publish(struct pending *pending, const struct race *race, thread_id thread);

#endif
