/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Feeds the detectors and turns what they find into findings of the running schedule.
 *
 * The detectors know threads and events; here are the occasions: nobody can run (deadlock), a lock
 * was taken while another is held (lock graph), the schedule got too long (livelock), the program
 * exited (leaks, potential deadlocks).
 */
#include "engine/detectors.h"

#include <stddef.h>

#include "base/hash.h"
#include "detect/deadlock.h"
#include "detect/leaks.h"
#include "detect/lock_graph.h"
#include "detect/progress.h"
#include "engine/alone.h"
#include "engine/calls/system.h"
#include "engine/descriptors/file_lock.h"
#include "engine/fiber.h"
#include "engine/processes/processes.h"
#include "engine/processes/shared.h"
#include "engine/state.h"

static struct lock_graph graph SHARED_STATE;

static const struct thread *const *threads(void)
{
	return (const struct thread *const *)engine_world.threads;
}

static void report(void *context, const struct finding *finding)
{
	struct finding f = *finding;

	(void)context;
	f.step = engine_world.step;
	report_add(&f);
}

void detectors_init(void)
{
	lock_graph_init(&graph);
}

void detectors_begin(void)
{
	lock_graph_begin(&graph);
}

void detectors_acquired(struct thread *t)
{
	lock_graph_performed(&graph, t, engine_world.step);
}

void detectors_step_bound(void)
{
	struct finding f;

	if (alone_ended()) {
		progress_nobody_left(threads(), engine_world.thread_count, engine_current,
				     engine.log, report_place, &f);
		report(NULL, &f);
		return;
	}
	progress_classify(threads(), engine_world.thread_count, engine.log, report_place, &f);
	report(NULL, &f);
}

void detectors_exit(void)
{
	lock_graph_check(&graph, threads(), engine_world.thread_count, engine.log, report_place,
			 report, NULL);
	leaks_report(threads(), engine_world.thread_count, engine.log, report_place, report, NULL);
}

/*
 * The program's first process has exited, and those that it left behind wait for ever. That is what
 * daemons do, so only what is stuck by itself is told.
 */
static bool is_daemon(const struct finding *f)
{
	if (processes.list[0].state != PROCESS_HOSTS)
		return false;
	switch (f->cause) {
	case CAUSE_LOCK_CYCLE:
	case CAUSE_SELF:
	case CAUSE_SELF_IN_HANDLER:
	case CAUSE_UPGRADE:
	case CAUSE_JOIN_CYCLE:
	case CAUSE_CIRCLE:
	case CAUSE_OWNER_EXITED:
	case CAUSE_OWNER_DIED:
	case CAUSE_OWNER_NOT_FORKED:
	case CAUSE_FORGOTTEN_UNLOCK:
		return false;
	default:
		return true;
	}
}

/* A thread that wants its own lock: has it held that since before the handler that it runs? */
static void look_for_handler(struct finding *f)
{
	for (unsigned i = 0; f->cause == CAUSE_SELF && i < f->site_count; i++) {
		const struct finding_site *site = &f->sites[i];

		if (site->role != SITE_HOLDS ||
		    site->step >= fiber_of(engine_world.threads[site->thread])->handles)
			continue;
		f->cause = CAUSE_SELF_IN_HANDLER;
		f->key = hash_fold(f->key, f->cause);
	}
}

void report_deadlock(void)
{
	struct finding f;

	file_lock_holds();
	if (deadlock_classify(threads(), engine_world.thread_count, engine.log, report_place, &f)) {
		look_for_handler(&f);
		if (is_daemon(&f)) {
			engine.request = REQUEST_EXIT;
			return;
		}
		/* A server without clients: for want of input, not by a fault of its own. A cycle
		 * stays one whatever comes in. */
		if (f.cause != CAUSE_LOCK_CYCLE && f.cause != CAUSE_SELF &&
		    f.cause != CAUSE_SELF_IN_HANDLER && f.cause != CAUSE_JOIN_CYCLE &&
		    f.cause != CAUSE_CIRCLE && system_waits_outside())
			f.severity = SEVERITY_WARNING;
		report(NULL, &f);
	}
}
