/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether stack memory still belongs to somebody. That of a thread that has ended does not, nor
 * does what lies below the frames of another thread that stands at a call: a variable there was one
 * of a function that has returned.
 *
 * The frames of the program end where the return address of the call lies; what is below are ours.
 * Where that is not found, as behind a trap, only what is below all of them is surely nobody's.
 *
 * A return is no access, so nothing races with what comes too late: in a schedule that lingers
 * (linger.h), of an instrumented program, too, who looks at another's stack stands before that.
 */
#ifndef JOSTLE_ENGINE_DEAD_STACK_H
#define JOSTLE_ENGINE_DEAD_STACK_H

#include <stdbool.h>
#include <stdint.h>

#include "event/thread.h"

/*
 * The thread to whose stack, or thread-local storage, a dead address belonged; NULL: it lives.
 * *foreign: it is on another thread's stack and lives, as yet.
 */
const struct thread *dead_stack_owner(uintptr_t address, bool *foreign);

#endif
