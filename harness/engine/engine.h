/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the interception layer asks of the engine.
 *
 * An interposed function fills the current thread's operation with engine_publish(), calls
 * engine_step(), and gets back the result once the strategy chose this thread and the model
 * performed the operation. Between the two calls other threads of the program may have run.
 * engine_step() runs pending signal handlers and cancellation on the way out, on the caller's own
 * stack: it may not return at all (the thread unwinds).
 *
 *	int pthread_mutex_lock(pthread_mutex_t *mutex)
 *	{
 *		engine_publish(OP_MUTEX_LOCK, mutex, CALLER);
 *		return engine_step_int();
 *	}
 *
 * All of it works from the first instruction of the first library constructor on: before takeover
 * there is just thread 0 (or those that constructors started), scheduled in a fixed order and not
 * recorded.
 */
#ifndef JOSTLE_ENGINE_ENGINE_H
#define JOSTLE_ENGINE_ENGINE_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "base/hidden.h"
#include "event/finding.h"
#include "event/op.h"
#include "event/thread.h"
#include "model/world.h"

/* Functions that the program's calls reach. */
#define INTERPOSE __attribute__((visibility("default")))
/* Where the program called from; use in the interposed function itself. */
#define CALLER __builtin_return_address(0)

extern HIDDEN struct world engine_world;
extern HIDDEN struct thread *engine_current; /* never NULL */

/* See engine_publish(); of an operation that cannot be performed while its gate is shut. */
static inline struct op *engine_publish_gated(enum op_kind kind, const void *object, void *site,
					      const uint32_t *gate)
{
	struct thread *t = engine_current;
	struct op *op = &t->op;

	world_set_gate(&engine_world, t, gate);
	op->kind = (uint16_t)kind;
	op->phase = 0;
	op->flags = 0;
	op->object = (void *)(uintptr_t)object;
	op->object2 = 0;
	op->site = site;
	op->deadline_ns = OP_NO_DEADLINE;
	return op;
}

/* Fills engine_current->op (all fields reset; no deadline) and returns it for further arguments. */
static inline struct op *engine_publish(enum op_kind kind, const void *object, void *site)
{
	return engine_publish_gated(kind, object, site, &thread_gate_open);
}

/* Gives control to the scheduler; returns engine_current->result when the published operation was
 * performed. */
long engine_step(void);
/* The same, for functions that return an int: their last call is a jump then, so that a switch
 * returns straight to the program. A processor guesses each return wrong that leads into another
 * thread. */
int engine_step_int(void);

/*
 * True while the library stands aside: an invariant is being checked, the engine itself calls libc,
 * or the process is an uncontrolled fork child. Interposed functions then act at once without a
 * scheduling point: engine_step() does that by itself (performs the model; what would block fails
 * with EDEADLK-like results), so only code with other needs must ask.
 */
bool engine_aside(void);

/* Virtual clocks, ns. CLOCK_REALTIME and friends are monotonic + epoch; CPU clocks go on
 * with each reading alone. Returns false: no such clock. */
bool engine_clock(clockid_t clock, uint64_t *ns);
/* Absolute deadline on a clock to the virtual monotonic time that ops carry. 0, or EINVAL for a bad
 * tv_nsec or clock. A deadline in the past is 0. */
int engine_deadline(clockid_t clock, const struct timespec *abstime, uint64_t *deadline_ns);
int engine_deadline_relative(const struct timespec *duration, uint64_t *deadline_ns);

/* A finding of the current thread at site, with the standing severity of its kind. The schedule
 * goes on. */
void engine_misuse(enum finding_cause cause, const void *object, const void *site);
void engine_report(const struct finding *finding);
/* Ends the schedule here: with a finding, or (NULL) as an exit with status. Never returns. */
_Noreturn void engine_end_schedule(const struct finding *finding, int status);
/* Says once in the report what was not controlled or not seen; counts further calls. text: a
 * constant sentence. */
void engine_note(const char *text);

#endif
