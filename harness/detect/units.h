/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Units of semaphores that are used like locks: who took one and did not give it back.
 *
 * A semaphore has no owner, anybody may post. But as long as only those posted who had taken
 * before, each unit is with the thread that took it: it is a lock for so many. One post by somebody
 * else, and it is a message, which nobody owes to anybody.
 */
#ifndef JOSTLE_DETECT_UNITS_H
#define JOSTLE_DETECT_UNITS_H

#include <stdint.h>

#include "event/event.h"
#include "event/thread.h"

struct units {
	uint16_t kept[THREADS_MAX]; /* by each thread: took more than it gave back */
};

/* Of the semaphore that @waiter waits for. All zero when it is a message, or when the beginning of
 * the log is lost. */
void units_of(const struct event_log *log, const struct thread *const *threads, uint32_t count,
	      const struct thread *waiter, struct units *out);

/* The last time that @thread took one of it, or NULL. */
const struct event *units_taken(const struct event_log *log, const struct thread *thread,
				const struct thread *waiter);

#endif
