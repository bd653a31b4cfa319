/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the log backwards: the last signal of a kind is the one worth naming. */
#include "detect/signals.h"

#include <stdbool.h>
#include <stddef.h>

uint64_t signals_wait_begin(const struct event_log *log, thread_id thread)
{
	const uint64_t first = event_log_first(log);

	for (uint64_t n = log->count; n > first; n--)
		if (event_log_at(log, n - 1)->thread == thread)
			return n;
	return 0;
}

struct signal_fate signals_fate(const struct event_log *log, const void *condition, uint64_t begin)
{
	const uint64_t first = event_log_first(log);
	const uint64_t object = (uint64_t)(uintptr_t)condition;
	struct signal_fate fate = { .cause = CAUSE_NO_SIGNAL };

	for (uint64_t n = log->count; n > first; n--) {
		const struct event *event = event_log_at(log, n - 1);
		const uint32_t woken = event->aux & 0xffff;
		const uint32_t waiters = event->aux >> 16;
		const bool signals =
			event->kind == OP_COND_SIGNAL || event->kind == OP_COND_BROADCAST;

		if (!signals || event->object != object)
			continue;
		if (n - 1 >= begin && waiters > woken) {
			fate.cause = CAUSE_MISSED_BROADCAST;
			fate.signal = event;
			return fate;
		}
		if (waiters == 0 && !fate.signal) {
			fate.cause = CAUSE_LOST_WAKEUP;
			fate.signal = event;
		}
	}
	return fate;
}
