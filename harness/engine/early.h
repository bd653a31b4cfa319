/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How often a thread's time may come although others could run.
 *
 * That a timeout beats an event that is ready is what a slow machine does, and programs must bear
 * it. That it does so sixty times in a row, while the one that is waited for computes, no machine
 * does: who asks each second whether a server answers, and gives up after a minute, means a minute.
 * So the first few come when they are drawn, and the n-th of a thread after them is for a schedule
 * of 64 n^2 steps, in which somebody got on.
 *
 * Nor does a machine stand still for a day while others get on: who waits until 2038 waits for
 * ever.
 */
#ifndef JOSTLE_ENGINE_EARLY_H
#define JOSTLE_ENGINE_EARLY_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "engine/engine.h"

#define EARLY_FREE   16
#define EARLY_STEPS  64
#define EARLY_FAR_NS (86400 * 1000000000UL)

extern uint16_t early_counts[THREADS_MAX]; /* of this schedule, by thread */

static inline void early_begin(void)
{
	memset(early_counts, 0, sizeof(early_counts));
}

static inline const struct thread *early_next(const struct world *w)
{
	return list_entry(w->timers.next, struct thread, timer_link);
}

/* May the deadline that is next come now? Some thread must have one. */
static inline bool early_may_come(const struct world *w)
{
	const struct thread *next = early_next(w);
	const uint32_t count = early_counts[next->id];
	const uint64_t more = count - EARLY_FREE;

	if (next->op.deadline_ns > w->now_ns && next->op.deadline_ns - w->now_ns > EARLY_FAR_NS)
		return false;
	return count < EARLY_FREE || more * more * EARLY_STEPS <= w->step;
}

/* It comes. */
static inline void early_comes(const struct world *w)
{
	uint16_t *count = &early_counts[early_next(w)->id];

	*count += *count < UINT16_MAX;
}

#endif
