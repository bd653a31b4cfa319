/* SPDX-License-Identifier: Apache-2.0 */
/* See units.h. */
#include "detect/units.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* An address means the same in two processes only where they share the memory. */
static bool is_about(const struct event *event, const struct thread *of,
		     const struct thread *waiter)
{
	return event->object == (uint64_t)(uintptr_t)waiter->op.object &&
	       (of->process == waiter->process || object_is_shared(waiter->wait_object));
}

static bool takes(const struct event *event)
{
	return (event->kind == OP_SEM_WAIT || event->kind == OP_SEM_TRYWAIT) && event->result == 0;
}

void units_of(const struct event_log *log, const struct thread *const *threads, uint32_t count,
	      const struct thread *waiter, struct units *out)
{
	memset(out->kept, 0, count * sizeof(out->kept[0]));
	if (event_log_first(log) > 0)
		return;
	for (uint64_t n = 0; n < log->count; n++) {
		const struct event *event = event_log_at(log, n);

		if (event->thread >= count || !is_about(event, threads[event->thread], waiter))
			continue;
		if (event->kind == OP_SEM_INIT) {
			memset(out->kept, 0, count * sizeof(out->kept[0]));
		} else if (takes(event)) {
			out->kept[event->thread]++;
		} else if (event->kind == OP_SEM_POST) {
			if (out->kept[event->thread] == 0) {
				memset(out->kept, 0, count * sizeof(out->kept[0]));
				return;
			}
			out->kept[event->thread]--;
		}
	}
}

const struct event *units_taken(const struct event_log *log, const struct thread *thread,
				const struct thread *waiter)
{
	for (uint64_t n = log->count; n > event_log_first(log); n--) {
		const struct event *event = event_log_at(log, n - 1);

		if (event->thread == thread->id && is_about(event, thread, waiter) && takes(event))
			return event;
	}
	return NULL;
}
