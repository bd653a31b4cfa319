/* SPDX-License-Identifier: Apache-2.0 */
/* Two walks over the threads; the log only says where those that ended did. */
#include "detect/leaks.h"

#include <stddef.h>

static void add_end(struct finding *finding, const struct thread *thread,
		    const struct event_log *log)
{
	if (thread->status != THREAD_FINISHED)
		return;
	for (uint64_t n = log->count; n > event_log_first(log); n--) {
		const struct event *event = event_log_at(log, n - 1);

		if (event->thread != thread->id)
			continue;
		if (event->kind == OP_THREAD_EXIT)
			site_add_event(finding, SITE_ENDED, thread, event);
		return;
	}
}

uint32_t leaks_report(const struct thread *const *threads, uint32_t count,
		      const struct event_log *log, place_fn place,
		      void (*report)(void *context, const struct finding *), void *context)
{
	struct finding finding;
	uint32_t found = 0;

	for (uint32_t i = 0; i < count; i++) {
		const struct thread *t = threads[i];
		const bool lives = t->status == THREAD_READY || t->status == THREAD_BLOCKED;

		if (!lives && t->status != THREAD_FINISHED)
			continue;
		if (t->died) /* it could not help it */
			continue;
		for (uint32_t h = 0; h < t->hold_count && h < HOLDS_MAX; h++) {
			/* What a child holds by copy nobody else can want. */
			if (t->holds[h].family == FAMILY_ONCE || t->holds[h].copied)
				continue;
			finding_init(&finding, FINDING_LEAK, CAUSE_LOCK_HELD);
			finding.thread = t->id;
			site_add_hold(&finding, t, &t->holds[h]);
			finding_set_key(&finding, place);
			add_end(&finding, t, log);
			report(context, &finding);
			found++;
		}
		if (i == 0 || t->joined || t->detached || t->joiner != THREAD_NONE)
			continue;
		finding_init(&finding, FINDING_LEAK, CAUSE_THREAD_LEAKED);
		finding.thread = t->id;
		site_add_created(&finding, t);
		finding_set_key(&finding, place);
		add_end(&finding, t, log);
		report(context, &finding);
		found++;
	}
	return found;
}
