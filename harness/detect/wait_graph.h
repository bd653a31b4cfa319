/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who waits for whom, when nobody can run.
 *
 * An edge goes from a blocked thread to each thread that could let it go on by what it holds or by
 * ending: from one that wants a lock to its owners, from one that joins to the joined. A reader
 * that a waiting writer keeps out (no owner excludes it) waits for that writer. Waits for an event
 * (a signal, a post, data) have no edge, since anybody might cause it: such a thread is the end of
 * a chain. One who waits for a semaphore has an edge to each who keeps a unit of it (units.h); it
 * is followed only where that is asked for.
 *
 * Made once, in memory of the caller's, by a scan of all threads' holds; threads are numbers below
 * THREADS_MAX. Pure data afterwards.
 */
#ifndef JOSTLE_DETECT_WAIT_GRAPH_H
#define JOSTLE_DETECT_WAIT_GRAPH_H

#include <stdbool.h>
#include <stdint.h>

#include "detect/units.h"
#include "event/event.h"
#include "event/thread.h"

/* More edges, which takes a crowd of readers, are counted and left out. */
#define WAIT_EDGES_MAX 4096

enum wait_class {
	WAIT_NOTHING, /* not blocked */
	WAIT_LOCK,    /* for somebody to give a lock back */
	WAIT_JOIN,    /* for somebody to end */
	WAIT_EVENT,   /* for somebody, who knows whom, to do something */
};

struct wait_edge {
	thread_id to;
	bool unit;       /* of a semaphore */
	bool shares_own; /* a thread that reads a lock and waits to write it: an upgrade */
};

struct wait_graph {
	const struct thread *const *threads;
	uint32_t count;
	uint32_t edge_count;
	uint32_t edges_lost;
	uint16_t first[THREADS_MAX + 1]; /* edges of t: first[t] up to first[t + 1] */
	uint8_t class_of[THREADS_MAX];   /* enum wait_class */
	struct wait_edge edges[WAIT_EDGES_MAX];
	thread_id queue[THREADS_MAX]; /* scratch of wait_graph_cycle() */
	thread_id from[THREADS_MAX];
	struct units units; /* scratch */
};

void wait_graph_build(struct wait_graph *graph, const struct thread *const *threads, uint32_t count,
		      const struct event_log *log);

/* What a cycle may pass. */
struct wait_paths {
	bool joins;    /* as well as locks */
	bool upgrades; /* edges of a thread to itself that mean an upgrade */
	bool units;    /* of semaphores */
};

/*
 * The shortest cycle through @start in which it has the lowest number, into cycle[] from start on;
 * its length, 0: none.
 */
uint32_t wait_graph_cycle(struct wait_graph *graph, thread_id start, struct wait_paths paths,
			  thread_id *cycle);

/* Does @waiter's wait end only when @owner gives up this lock? The hold, or NULL. */
const struct hold *wait_hold(const struct thread *waiter, const struct thread *owner);

enum wait_class wait_class_of(const struct thread *thread);

#endif
