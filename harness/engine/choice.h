/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The choice of a uniform walk, made here instead of through the strategy's function.
 *
 * A strategy that picks each enabled thread with the same odds says so (sched.h, uniform) and lends
 * its stream of numbers. Then the threads that could only be found waiting need not be asked about
 * one by one: those whose gate is shut are left out beforehand, which comes to the same as
 * rejecting them. What is recorded is what happened, so a replay asks the very same questions.
 *
 * There is no jump here that depends on who is chosen or on which gates are shut: it would be
 * guessed wrong every other time, and that costs more than all the rest.
 */
#ifndef JOSTLE_ENGINE_CHOICE_H
#define JOSTLE_ENGINE_CHOICE_H

#include <stddef.h>

#include "engine/state.h"
#include "engine/system.h"
#include "model/signal.h"
#include "sched/walk.h"

/* With more ready threads than this, looking at each gate costs more than being rejected. */
#define CHOICE_THREADS 8

static inline void choice_record(thread_id id)
{
	const uint32_t n = *engine.choice_count;

	if (n < BOARD_STEPS_MAX) {
		engine.choices[n] = id;
		*engine.choice_count = n + 1;
	}
}

/* Is who is next all that is to be decided: no time that may pass, no signal to be delivered? */
static inline bool choice_is_plain(const struct world *w)
{
	return engine.walk && list_empty(&w->timers) && system_timer_next == UINT64_MAX &&
	       !signal_sent;
}

/* One of the threads whose gate is open, each with the same odds, recorded; NULL: ask the strategy.
 */
static inline struct thread *choice_open(const struct world *w)
{
	thread_id open[CHOICE_THREADS + 1];
	const uint32_t ready = w->ready_count;
	uint32_t count = 0;
	thread_id id;

	if (ready > CHOICE_THREADS)
		return NULL;
	for (uint32_t i = 0; i < ready; i++) {
		open[count] = w->ready[i];
		count += *w->gates[i + 1] == 0;
	}
	if (count == 0)
		return NULL;
	id = open[walk_index(engine.walk, count)];
	choice_record(id);
	return w->threads[id];
}

#endif
