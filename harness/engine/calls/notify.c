/* SPDX-License-Identifier: Apache-2.0 */
/* See notify.h. */
#include "engine/calls/notify.h"

#include <stddef.h>
#include <string.h>

#include "engine/access/access.h"
#include "engine/state.h"

#define UNFINISHED_MAX 4
#define STEPS_FOR_EACH 8 /* so that a million steps make five hundred threads */

void notify_init(struct notification *n, const struct sigevent *event, uint64_t blocked,
		 uint64_t object)
{
	*n = (struct notification){ .function = event->sigev_notify_function,
				    .value = event->sigev_value,
				    .signals_blocked = blocked,
				    .last = THREAD_NONE };
	if (event->sigev_notify_attributes) {
		n->has_attributes = true;
		n->attributes = *event->sigev_notify_attributes;
	}
	if (access_state.on)
		access_forgotten(object);
}

void notify_armed(struct notification *n, thread_id by, void *site, uint64_t object)
{
	n->by = by;
	n->site = site;
	if (access_state.on)
		access_handed(by, object);
}

void notify_sent(thread_id by, uint64_t object)
{
	if (access_state.on)
		access_handed(by, object);
}

/* Threads that run the function and have not ended. */
static uint32_t unfinished(const struct notification *n)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < engine_world.thread_count; i++) {
		const struct thread *t = engine_world.threads[i];

		count += t->notified && t->process == world_process &&
			 t->status != THREAD_FINISHED &&
			 t->start_routine == (void *)(uintptr_t)n->function;
	}
	return count;
}

bool notify_is_busy(const struct notification *n)
{
	const struct thread *last;

	if (engine_world.ready_count == 0 || n->made == 0)
		return false;
	last = engine_world.threads[n->last];
	return (last->status == THREAD_READY && last->op.kind == OP_THREAD_START) ||
	       engine_world.step - n->step < n->made * STEPS_FOR_EACH ||
	       unfinished(n) >= UNFINISHED_MAX;
}

void notify_run(struct notification *n, uint64_t object)
{
	struct thread *by = engine_world.threads[n->by];
	const struct notified start = {
		.function = n->function,
		.value = n->value,
		.signals_blocked = n->signals_blocked,
		.attributes = n->has_attributes ? &n->attributes : NULL,
		.site = n->site,
	};
	const struct thread *t = &thread_new_notified(by, &start)->thread;

	n->last = t->id;
	n->made++;
	n->step = engine_world.step;
	if (access_state.on)
		access_thread_notified(t, object);
}
