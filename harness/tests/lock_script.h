/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs that did not hang, as a few lines each, for the lock graph: who creates and joins whom, who
 * takes which lock within which. Threads, locks and places in the code are small numbers.
 */
#ifndef JOSTLE_TESTS_LOCK_SCRIPT_H
#define JOSTLE_TESTS_LOCK_SCRIPT_H

#include <stdint.h>

#include "detect/lock_graph.h"

#define SCRIPT_THREADS 64
#define SCRIPT_LOCKS   3000

extern struct lock_graph *script_graph;
extern char script_locks[SCRIPT_LOCKS]; /* the address of one is that of the lock */

/* What script_check() found. */
extern struct finding script_findings[LOCK_GRAPH_KEYS];
extern uint32_t script_finding_count;

/* A new schedule. */
void script_begin(void);
/* Its end; how many cycles there are. */
uint32_t script_check(void);

/* Any operation: performed, shown to the graph, logged. */
void perform(unsigned who, enum op_kind kind, const void *object, uint32_t aux);
void create(unsigned who, unsigned whom);
void join(unsigned who, unsigned whom);
void take_at(unsigned who, enum op_kind kind, unsigned lock, enum hold_mode mode, unsigned site);
/* A mutex, at a place that is that of thread and lock. */
void take(unsigned who, unsigned lock);
void give(unsigned who, unsigned lock);
/* Takes one after the other, then gives both back. */
void nest(unsigned who, unsigned outer, unsigned inner);
/* Deadline of the locks that @who takes from now on. */
void set_deadline(unsigned who, uint64_t deadline_ns);

#endif
