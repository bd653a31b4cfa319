/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Potential deadlocks: lock orders of one schedule that would close a cycle had the threads met.
 *
 * Each time a thread takes a lock while it holds others, that is a dependency: who, which locks are
 * held, which is taken. A chain of dependencies of different threads, in which each takes a lock
 * that the next one holds and the last takes one that the first holds, can deadlock, unless
 *  - two of them hold a common lock (a gate): then they cannot both be there. Shared holds of a
 *    read-write lock are no gate for each other, and a reader does not wait for a reader;
 *  - each is between its wait for and its post to a semaphore that lets in fewer than they are;
 *  - one is over before the other can begin, by creation and joining of threads.
 * That is Havelund's Goodlock with the gates, in the form of iGoodlock (Joshi, Park, Sen, Naik: A
 * randomized dynamic program analysis technique for detecting real deadlocks, PLDI 2009), plus the
 * order by create and join. Other synchronisation (conditions, other semaphores, barriers) does
 * order, too, but by luck as often as by design: such a cycle is a warning to be confirmed, never
 * an error.
 *
 * A try or timed lock waits for nobody for ever, so taking one is no dependency; holding it counts.
 *
 * The graph lives as long as one schedule, since the same address may be another lock in the next,
 * and what one schedule shows must not depend on those that ran before. While the program runs, a
 * dependency is only recorded, with its first and its last occurrence; a known one costs a hash and
 * a look at the table. What orders them, and which address became another lock in between, is read
 * from the log at the end, and only when a cycle is possible at all. Bounded: what does not fit is
 * counted in lost. Occurrences between the first and the last are not looked at: a cycle that only
 * they could close is missed in this schedule.
 */
#ifndef JOSTLE_DETECT_LOCK_GRAPH_H
#define JOSTLE_DETECT_LOCK_GRAPH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bitset.h"
#include "detect/site.h"
#include "event/event.h"
#include "event/finding.h"
#include "event/thread.h"

#define LOCK_GRAPH_LOCKS        2048 /* distinct locks in dependencies */
#define LOCK_GRAPH_SLOTS        4096 /* of the tables; a power of two, twice the locks at least */
#define LOCK_GRAPH_DEPENDENCIES 1024
#define LOCK_GRAPH_HELD         4096   /* held locks of all dependencies together */
#define LOCK_GRAPH_ORDERS       2048   /* creations and joins */
#define LOCK_GRAPH_RENEWALS     1024   /* locks of the graph that were initialised or destroyed */
#define LOCK_GRAPH_CYCLE_MAX    16     /* threads in one cycle */
#define LOCK_GRAPH_VISITS       100000 /* steps of one search for cycles */
#define LOCK_GRAPH_KEYS         32     /* different cycles told of one schedule */

typedef uint16_t lock_id;

enum { OCCURRENCE_FIRST, OCCURRENCE_LAST, OCCURRENCES };

struct lock_held {
	const void *object;
	const void *site;
	uint32_t step[OCCURRENCES];
	lock_id lock;
	uint8_t mode; /* enum hold_mode */
	uint8_t op_kind;
};

/* While holding held[0..held_count-1], thread took taken. */
struct lock_dependency {
	struct lock_held taken;
	uint32_t held_first;
	uint16_t held_count;
	thread_id thread;
};

/* by created, or joined, other. */
struct lock_order {
	uint32_t step;
	thread_id by;
	thread_id other;
	bool join;
};

/* From step on another lock lies at its address. */
struct lock_renewal {
	uint32_t step;
	lock_id lock;
};

struct lock_slot {
	const void *object;
	uint32_t generation; /* valid if that of the graph */
	lock_id lock;
};

struct lock_seen {
	uint64_t key;
	uint32_t generation;
	uint32_t dependency;
};

/* A place in a chain: a dependency at one of its occurrences. */
struct lock_link {
	uint16_t dependency;
	uint16_t occurrence;
};

struct lock_graph {
	uint32_t generation; /* counts schedules: tables of older ones read as empty */
	uint32_t lost;       /* what did not fit, over all schedules */
	uint32_t lock_count;
	uint32_t dependency_count;
	uint32_t held_count;
	bool may_cycle; /* some lock was both held and taken in dependencies */

	/* Valid while cycles are searched. */
	uint32_t order_count;
	uint32_t renewal_count;
	uint32_t visits;
	uint32_t key_count;
	uint64_t keys[LOCK_GRAPH_KEYS];
	struct lock_link path[LOCK_GRAPH_CYCLE_MAX];

	uint8_t roles[LOCK_GRAPH_LOCKS];
	struct lock_slot slots[LOCK_GRAPH_SLOTS];
	struct lock_seen seen[LOCK_GRAPH_SLOTS];
	struct lock_order orders[LOCK_GRAPH_ORDERS];
	struct lock_renewal renewals[LOCK_GRAPH_RENEWALS];
	struct lock_dependency dependencies[LOCK_GRAPH_DEPENDENCIES];
	struct lock_held held[LOCK_GRAPH_HELD];
};

/* @graph: zeroed memory of the caller's, once per process. */
void lock_graph_init(struct lock_graph *graph);

/* A new schedule: everything is forgotten but lost. Cheap: a few words are written. */
void lock_graph_begin(struct lock_graph *graph);

/* See lock_graph_performed(). */
void lock_graph_acquired(struct lock_graph *graph, const struct thread *thread);

/*
 * To be called after each operation performed in step @step by a thread that holds more than one
 * lock then: it sees by itself whether a lock was taken.
 */
static inline void lock_graph_performed(struct lock_graph *graph, const struct thread *thread,
					uint32_t step)
{
	const uint32_t count = thread->hold_count < HOLDS_MAX ? thread->hold_count : HOLDS_MAX;

	if (count > 1 && thread->holds[count - 1].step == step && thread->holds_lost == 0)
		lock_graph_acquired(graph, thread);
}

/*
 * At the end of a schedule: gives each different cycle to @report (FINDING_LOCK_ORDER, a warning),
 * with SITE_EDGE for each dependency, from the lowest thread on, then SITE_HOLDS where the locks in
 * between were taken. Returns how many. @threads by number, for names. @log: all of the schedule;
 * if older events were overwritten nothing is reported, since creations and joins may be among
 * them.
 */
uint32_t lock_graph_check(struct lock_graph *graph, const struct thread *const *threads,
			  uint32_t count, const struct event_log *log, place_fn place,
			  void (*report)(void *context, const struct finding *), void *context);

/* What a lock is known by in the graph: its key, and an address is one of a process. */
static inline const void *lock_graph_object(const void *object, process_id process)
{
	return object_is_shared(object)
		       ? object
		       : (const void *)((uintptr_t)object | (uintptr_t)process << 48);
}

/* The number of a lock, false: it takes part in no dependency. */
bool lock_graph_find(const struct lock_graph *graph, const void *object, lock_id *lock);

/* lock_order.c */
/* Reads orders and renewals from the log; false: it is not complete or too long. */
bool lock_graph_read(struct lock_graph *graph, const struct event_log *log);
/* Is the thread of the one done with its step before that of the other can be at its own? */
bool lock_graph_ordered(const struct lock_graph *graph, struct lock_link one,
			struct lock_link other);
/* Was @lock still the same lock when the second of the two took it? */
bool lock_graph_same(const struct lock_graph *graph, lock_id lock, struct lock_link one,
		     struct lock_link other);

/* lock_room.c: does a semaphore let in fewer than the @length threads of the path? */
bool lock_graph_crowded(const struct lock_graph *graph, const struct thread *const *threads,
			uint32_t count, const struct event_log *log, uint32_t length);

static inline const struct lock_dependency *lock_graph_at(const struct lock_graph *graph,
							  struct lock_link link)
{
	return &graph->dependencies[link.dependency];
}

static inline uint32_t lock_graph_step(const struct lock_graph *graph, struct lock_link link)
{
	return lock_graph_at(graph, link)->taken.step[link.occurrence];
}

#endif
