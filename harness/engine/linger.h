/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Points behind operations. Threads switch where they publish an operation, so what a thread does
 * after a call and before the next one belongs to that call: nobody comes between. In a program
 * whose accesses are not seen a bug that needs just that has no schedule then: what is written
 * after the unlock, after the semaphore was posted, after the thread that reads it was created.
 *
 * So in one schedule of LINGER_ODDS a thread whose operation may have let others go on must be
 * chosen once more (OP_LINGER) before it runs on. Which schedules these are follows from the
 * schedule's seed alone, and a replay knows that. All others are as short as ever. A program whose
 * accesses are seen has no need: such an access races, and so becomes a point itself. But it may go
 * on in a library whose accesses are not, so there, too, what it makes may run before it does.
 */
#ifndef JOSTLE_ENGINE_LINGER_H
#define JOSTLE_ENGINE_LINGER_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/state.h"

#define LINGER_ODDS 8

/* A schedule of this seed begins: engine.lingers and lingers_any. */
void linger_begin(uint64_t seed);

/* In a schedule that lingers, t performed its operation: must it be chosen once more? When it was,
 * its operation and result are again those that the caller waits for. */
bool linger_stays(struct thread *t);

/*
 * Before a wait that a handler ends. What the program asked before it may be changed by a handler
 * that runs before the wait begins, and that is not waited for then: in one schedule of
 * LINGER_ODDS, of any build, there is a point before the wait. Not for waits that bring their own
 * mask: it belongs to them.
 */
void linger_before_wait(void *site);

/* Of what becomes visible after its operation was performed, as a new thread does: the current
 * thread, which called from site, lingers here. */
void linger_here(void *site);

/* In every schedule: the program has ended but for its other threads, which run until the process
 * does. */
void linger_at_end(void);

#endif
