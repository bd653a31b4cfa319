/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A walk that switches where threads seldom are. Steps are not alike: a loop of ten thousand rounds
 * has most of them, and whoever draws the step at which to switch from all of them alike will never
 * switch in the two that follow the loop. Here the odds of leaving the running thread fall with how
 * often its next operation's place was reached in this schedule: with 1/(w (n + 2)) after n times.
 * A place that is reached n times is left about (ln n)/w times, whatever n is, so what happens once
 * gets nearly as many switches as what happens all the time.
 *
 * Uniformity over interesting events instead of over all of them is the idea of selectively uniform
 * concurrency testing (below). It counts events beforehand and draws a few objects whose events
 * count; here nothing is known beforehand, and how interesting an event is falls as it repeats.
 *
 * What a place is, is drawn per schedule: the call, or the call and its object, since all of a
 * program's locking may be one function. Only their offsets within a page count, which are the same
 * wherever the program lies. Behind twice the longest schedule known the odds fall no further, lest
 * a loop that waits keeps its processor for good.
 */
#include <stddef.h>

#include "sched/fair.h"
#include "sched/strategies.h"
#include "sched/walk.h"

#define PLACES           4096 /* offsets within a page */
#define WEIGHT_SHIFT_MAX 3
#define OVERTIME_ODDS    64
#define UNKNOWN_STEPS    4096 /* that a schedule may take before any is known */

struct rare {
	struct walk walk;
	uint32_t weight_shift;
	bool by_object;
	uint32_t overtime_step;
	uint32_t coin_step;
	bool stay;
	struct fair fair;
	uint32_t reached[PLACES];
};

static void rare_begin(void *state, const struct sched_begin *begin)
{
	struct rare *rare = (struct rare *)state;
	const uint32_t steps = begin->learned.steps_max ? begin->learned.steps_max : UNKNOWN_STEPS;

	walk_begin(&rare->walk, begin);
	fair_begin(&rare->fair);
	rare->weight_shift = rng_below(&rare->walk.rng, WEIGHT_SHIFT_MAX + 1);
	rare->by_object = rng_below(&rare->walk.rng, 2) != 0;
	rare->overtime_step = steps < UINT32_MAX / 2 ? 2 * steps : UINT32_MAX;
	rare->coin_step = UINT32_MAX;
	for (uint32_t i = 0; i < PLACES; i++)
		rare->reached[i] = 0;
}

static uint32_t place_of(const struct rare *rare, const struct op *op)
{
	const uintptr_t object = rare->by_object ? (uintptr_t)op->object : 0;

	/* Sites are odd and even, objects are aligned: shifted, they fall beside each other. */
	return (uint32_t)(((uintptr_t)op->site ^ (object << 5 | (object & 0xfff) >> 7)) &
			  (PLACES - 1));
}

static bool leaves(struct rare *rare, const struct sched_view *view)
{
	uint32_t *reached = &rare->reached[place_of(rare, &view->threads[view->current]->op)];
	uint32_t odds = (*reached + 2) << rare->weight_shift;

	if (*reached < 1U << 24)
		(*reached)++;
	if (view->step >= rare->overtime_step && odds > OVERTIME_ODDS)
		odds = OVERTIME_ODDS;
	return rng_below(&rare->walk.rng, odds) == 0;
}

static thread_id pick_other(struct rare *rare, const struct sched_view *view)
{
	uint32_t place;

	if (view->ready_count == 1)
		return view->current;
	place = rng_below(&rare->walk.rng, view->ready_count - 1);
	if (place >= (uint32_t)view->threads[view->current]->ready_index)
		place++;
	return view->ready[place];
}

static thread_id rare_choose(void *state, const struct sched_view *view)
{
	struct rare *rare = (struct rare *)state;
	const thread_id idle = fair_settle(&rare->fair, view);
	thread_id choice;

	if (walk_clock(&rare->walk, view))
		return fair_chose(&rare->fair, view, SCHED_CLOCK);
	if (!walk_is_ready(view, view->current)) {
		choice = walk_uniform(&rare->walk, view);
	} else {
		if (rare->coin_step != view->step) {
			rare->coin_step = view->step;
			rare->stay = !leaves(rare, view) && idle == THREAD_NONE;
		}
		choice = rare->stay ? view->current : pick_other(rare, view);
	}
	return fair_chose(&rare->fair, view, choice);
}

const struct sched_strategy sched_rare = {
	.name = "rare",
	.summary = "walk that switches where threads seldom are, and seldom in loops",
	.reference = "after Zhao, Wolff, Mathur, Roychoudhury: Selectively uniform concurrency "
		     "testing, ASPLOS 2025; no counts are known beforehand, what repeats counts "
		     "less and less",
	.state_size = sizeof(struct rare),
	.begin = rare_begin,
	.choose = rare_choose,
	.choose_value = walk_choose_value,
};
