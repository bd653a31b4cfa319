/* SPDX-License-Identifier: Apache-2.0 */
/* What the models ask of the engine: a value that the strategy chooses, and to tell of misuse. */
#include <stddef.h>

#include "base/insist.h"
#include "engine/processes/processes.h"
#include "engine/state.h"

static uint32_t choose_value(struct world *w, enum choice_kind kind, uint32_t bound)
{
	uint32_t value, n;

	(void)w;
	if (engine.phase != PHASE_SCHEDULE)
		return 0;
	value = engine.chooser->choose_value(engine.chooser_state, kind, bound);
	insist(value < bound);
	n = *engine.value_count;
	if (n < BOARD_VALUES_MAX) {
		engine.values[n] = value;
		*engine.value_count = n + 1;
	}
	return value;
}

static void misuse(struct world *w, const struct thread *by, enum finding_cause cause,
		   const void *object, thread_id other, const void *other_site, uint32_t other_step)
{
	struct finding f = { .kind = FINDING_MISUSE,
			     .cause = (uint8_t)cause,
			     .severity = SEVERITY_ERROR };

	f.thread = by->id;
	f.step = w->step;
	f.sites[0] = report_site(by, SITE_AT);
	f.sites[0].object = (uint64_t)(uintptr_t)object;
	f.site_count = 1;
	if (other != THREAD_NONE || other_site) {
		struct finding_site *s = &f.sites[f.site_count++];

		s->role = SITE_FIRST;
		s->op_kind = (uint8_t)event_log_kind(engine.log, other, other_step);
		s->thread = other;
		s->pc = (uint64_t)(uintptr_t)other_site;
		s->object = (uint64_t)(uintptr_t)object;
		s->step = other_step;
	}
	report_add(&f);
}

const struct world_ops engine_world_ops = {
	.choose_value = choose_value,
	.misuse = misuse,
	.recheck = processes_recheck,
};
