/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log of one schedule: each performed operation is one event. Detectors read it after the fact
 * (why did nobody signal?), the replay prints it as a table, shrinking and the timeline start from
 * it, and a hand-written array of events is a unit test. The engine appends; the log is emptied
 * when a schedule begins.
 */
#ifndef JOSTLE_EVENT_EVENT_H
#define JOSTLE_EVENT_EVENT_H

#include <stdint.h>

#include "event/op.h"
#include "event/thread.h"

struct event {
	uint32_t step; /* number of the performed operation within the schedule, from 0 */
	thread_id thread;
	uint16_t kind; /* enum op_kind */
	uint64_t object;
	uint64_t object2;
	uint64_t site;
	int32_t result; /* what the caller gets, truncated */
	uint32_t aux; /* signal, broadcast: waiters woken (low 16 bits) and waiters there were (high
			 16 bits); create, join: the other thread's id; initialised semaphore:
			 its value; wait: below */
};

/* Of an atomic load: it read an older value, and this thread's store was passed over. */
#define EVENT_AUX_OLDER (1U << 16)

enum event_aux_wait {
	EVENT_AUX_TIMED_OUT = 1U << 0,
	EVENT_AUX_STAGE = 1U << 1, /* it begins; the event with which it ends comes later, if any */
};

/* Keeps the newest EVENT_LOG_MAX events; lost says how many older ones were overwritten. */
#define EVENT_LOG_MAX (1U << 17)

struct event_log {
	uint64_t count; /* appended since the schedule began */
	struct event events[EVENT_LOG_MAX];
};

static inline void event_log_reset(struct event_log *log)
{
	log->count = 0;
}

static inline struct event *event_log_append(struct event_log *log)
{
	return &log->events[log->count++ & (EVENT_LOG_MAX - 1)];
}

/* The newest, to be completed; NULL: there is none. */
static inline struct event *event_log_last(struct event_log *log)
{
	return log->count ? &log->events[(log->count - 1) & (EVENT_LOG_MAX - 1)] : NULL;
}

static inline uint64_t event_log_first(const struct event_log *log)
{
	return log->count > EVENT_LOG_MAX ? log->count - EVENT_LOG_MAX : 0;
}

/* The n-th event since the schedule began; n must be at least event_log_first() and less than
 * count. */
static inline const struct event *event_log_at(const struct event_log *log, uint64_t n)
{
	return &log->events[n & (EVENT_LOG_MAX - 1)];
}

/* What thread did in that step; OP_NONE: not known, or no longer. */
static inline unsigned event_log_kind(const struct event_log *log, thread_id thread, uint32_t step)
{
	for (uint64_t n = log->count; n-- > event_log_first(log);) {
		const struct event *event = event_log_at(log, n);

		if (event->step <= step)
			return event->step == step && event->thread == thread ? event->kind
									      : OP_NONE;
	}
	return OP_NONE;
}

#endif
