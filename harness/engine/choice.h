/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The choice of a uniform walk, made here instead of through the strategy's function.
 *
 * A strategy that picks each enabled thread with the same odds says so (sched.h, uniform) and lends
 * its stream of numbers. Then the threads that could only be found waiting need not be asked about
 * one by one: those whose gate is shut are left out beforehand, which comes to the same as
 * rejecting them. What is recorded is what happened, so a replay asks the very same questions.
 *
 * There is no jump here that depends on who is chosen or on which gates are shut, and nothing goes
 * through memory: what comes of it is jumped on right after, and guessed wrong every other time, so
 * that its delay is what a processor waits for.
 */
#ifndef JOSTLE_ENGINE_CHOICE_H
#define JOSTLE_ENGINE_CHOICE_H

#include <stddef.h>

#include "engine/calls/system.h"
#include "engine/state.h"
#include "model/signal.h"
#include "sched/walk.h"

/* With more ready threads than this, looking at each gate costs more than being rejected. */
#define CHOICE_THREADS 8
_Static_assert(8 * CHOICE_THREADS <= 64, "choice_place()");

static inline void choice_record(thread_id id)
{
	const uint32_t n = *engine.choice_count;

	if (n < BOARD_STEPS_MAX) {
		engine.choices[n] = id;
		*engine.choice_count = n + 1;
	}
}

/* Is who is next all that is to be decided: no time that may pass, no signal to be delivered? */
static inline bool choice_is_plain(const struct world *w, const struct walk *walk)
{
	return walk && list_empty(&w->timers) && system_timer_next == UINT64_MAX && !signal_sent;
}

/* The place among the ready of a thread whose gate is open, each with the same odds, recorded; -1:
 * ask the strategy. */
static inline int32_t choice_place(const struct world *w)
{
	const uint32_t ready = w->ready_count;
	uint64_t open = 0, bits = 0; /* their places, eight bits each */
	uint32_t place;

	if (ready > CHOICE_THREADS)
		return -1;
	for (uint64_t i = 0; i < ready; i++) {
		const uint64_t is_open = -(uint64_t)(*w->gates[i + 1] == 0);

		open |= i << bits & is_open;
		bits += 8 & is_open;
	}
	if (bits == 0)
		return -1;
	place = open >> 8 * walk_index(engine.walk, (uint32_t)bits / 8) & 0xff;
	choice_record(w->ready[place]);
	return (int32_t)place;
}

/* The same, as the thread; NULL: ask the strategy. */
static inline struct thread *choice_open(const struct world *w)
{
	const int32_t place = choice_place(w);

	return place < 0 ? NULL : w->threads[w->ready[place]];
}

#endif
