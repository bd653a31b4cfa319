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

/*
 * Position behind which the waiter did not leave the critical section in which it now waits:
 * whatever was told before, it has seen. Backwards: the place of the lock before the wait, then
 * pairs of a release and the lock before it.
 */
static uint64_t looked_until(const struct event_log *log, const struct thread *waiter,
			     uint64_t begin)
{
	const uint64_t mutex = (uint64_t)(uintptr_t)waiter->op.object2;
	uint64_t section = 0, left = 0;

	for (uint64_t n = begin ? begin - 1 : 0; n > event_log_first(log); n--) {
		const struct event *event = event_log_at(log, n - 1);

		if (event->thread != waiter->id)
			continue;
		if (event->kind == OP_COND_WAIT && event->object2 == mutex && !left &&
		    !(event->aux & EVENT_AUX_STAGE))
			return n;
		if (event->object != mutex)
			continue;
		if (event->kind == OP_MUTEX_UNLOCK) {
			left = n;
		} else if (event->kind == OP_MUTEX_LOCK && event->result == 0) {
			if (section && left && event->site == section)
				return left;
			section = section ? section : event->site;
		}
	}
	return 0;
}

struct signal_fate signals_fate(const struct event_log *log, const struct thread *waiter)
{
	const uint64_t first = event_log_first(log), begin = signals_wait_begin(log, waiter->id),
		       looked = looked_until(log, waiter, begin);
	const uint64_t object = (uint64_t)(uintptr_t)waiter->op.object;
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
		/* A broadcast that woke others was lost for who came after it, as well; but who
		 * waits for what it told itself had that undone, or waits for something else. */
		if ((waiters == 0 || event->kind == OP_COND_BROADCAST) && n - 1 < begin &&
		    n > looked && event->thread != waiter->id && fate.cause == CAUSE_NO_SIGNAL) {
			fate.cause = CAUSE_LOST_WAKEUP;
			fate.signal = event;
		} else if (!fate.signal) {
			fate.signal = event;
		}
	}
	return fate;
}
