/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What became of the signals to a condition on which somebody waits for ever.
 *
 * A wait begins with its thread's last event in the log, since a blocked thread does nothing more.
 * A signal that found no waiter, or a broadcast, came before the wait and is lost, unless the
 * waiter has been through the same critical section since without waiting for ever: then it saw
 * what the signal told of, and waits now for something else. A section is the same where its lock
 * is taken at the same place. Nor is one lost that the waiter gave itself. A signal that came
 * during the wait and woke fewer than there were has missed those who still wait. All others were
 * heard.
 */
#ifndef JOSTLE_DETECT_SIGNALS_H
#define JOSTLE_DETECT_SIGNALS_H

#include <stdint.h>

#include "event/event.h"
#include "event/finding.h"
#include "event/thread.h"

struct signal_fate {
	enum finding_cause cause;   /* MISSED_BROADCAST, LOST_WAKEUP or NO_SIGNAL */
	const struct event *signal; /* the last that was missed or lost; for NO_SIGNAL the last of
				       all; NULL: there was none */
};

/* Position behind which @thread did nothing more: its last event's number + 1, 0 if none is kept.
 */
uint64_t signals_wait_begin(const struct event_log *log, thread_id thread);

/* For @waiter, which is blocked in OP_COND_WAIT. */
struct signal_fate signals_fate(const struct event_log *log, const struct thread *waiter);

#endif
