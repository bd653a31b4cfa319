/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What became of the signals to a condition on which somebody waits for ever.
 *
 * A wait begins with its thread's last event in the log, since a blocked thread does nothing more.
 * A signal or broadcast that found no waiter came before the wait and is lost. One that came during
 * the wait and woke fewer than there were has missed those who still wait. All others were heard.
 */
#ifndef JOSTLE_DETECT_SIGNALS_H
#define JOSTLE_DETECT_SIGNALS_H

#include <stdint.h>

#include "event/event.h"
#include "event/finding.h"

struct signal_fate {
	enum finding_cause cause;   /* MISSED_BROADCAST, LOST_WAKEUP or NO_SIGNAL */
	const struct event *signal; /* the last that was missed or lost; NULL for NO_SIGNAL */
};

/* Position behind which @thread did nothing more: its last event's number + 1, 0 if none is kept.
 */
uint64_t signals_wait_begin(const struct event_log *log, thread_id thread);

/* For a wait on @condition since @begin. */
struct signal_fate signals_fate(const struct event_log *log, const void *condition, uint64_t begin);

#endif
