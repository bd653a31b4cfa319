/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Death at a chosen point (jostle run --kill, opt-in): a process of the schedule ends as by
 * SIGKILL, between two of its operations. Robust locks have an owner who died, other locks are held
 * for ever, what it read from a pipe is lost, and what it wrote to shared memory stays half
 * written. Its parent sees the death as waitpid(2) tells it. The death itself is no finding; what
 * the others make of it may be.
 *
 * The point is drawn when there is somebody to kill: at the first fork. It is the n-th operation,
 * counted over all processes that may be killed, n uniform among as many as the longest schedule of
 * the learning batch had; in every other schedule among the first KILL_NEAR, since children are
 * often short beside the whole. So each operation of each process is a point that is drawn. In an
 * instrumented program the process may live on from there for some writes to shared memory, to die
 * between two of them. All of it are values of the strategy, so a replay kills at the same place.
 */
#ifndef JOSTLE_ENGINE_KILL_H
#define JOSTLE_ENGINE_KILL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/hidden.h"
#include "event/thread.h"

#define KILL_NEAR 64
/* Of one schedule, with NASTY_KILL_AGAIN: enough to die in the repair of a repair. */
#define KILLS_MAX 3

struct kill_plan {
	bool armed;           /* a point was drawn, and not yet reached */
	uint8_t kills;        /* so far */
	uint32_t left;        /* operations until the point */
	process_id condemned; /* reached it, and lives on for some writes; 0: nobody does */
};
extern HIDDEN struct kill_plan kill_plan;

/* A schedule begins. */
void kill_begin(void);
/* A process was made. */
void kill_forked(void);
/* t, of this process, was chosen. Is it killed before it performs its operation? */
bool kill_falls_due(const struct thread *t);
/* On the engine's stack: t's process dies. Returns in P0 alone, which goes on as the host. */
void kill_now(struct thread *t);
/* On the fiber's stack, while access_state.kill_writes: the program is about to write there, and
 * may die. */
void kill_write(uintptr_t address, uintptr_t pc);

#endif
