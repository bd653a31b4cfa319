/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the strategies that walk at random share: a stream of numbers and the clock's coin.
 *
 * A timeout may beat an event that is ready, because sleeping orders nothing. But programs choose
 * their timeouts such that they seldom do; were time one more thread in a uniform choice, most
 * schedules would be spent in timeout paths. So before the first question of each step in which
 * somebody waits with a deadline, a coin with odds of 1 to WALK_CLOCK_ODDS - 1 lets time pass.
 * Questions repeated in that step do not throw it again: a rejected thread must leave no trace in
 * the odds.
 */
#ifndef JOSTLE_SCHED_WALK_H
#define JOSTLE_SCHED_WALK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/rng.h"
#include "sched/sched.h"

#define WALK_CLOCK_ODDS 32

struct walk {
	struct rng rng;
	uint64_t bits; /* of a number that walk_index() has not used up: four shares of 16 */
	uint32_t bits_left;
	uint32_t clock_step; /* the coin was thrown before this step's first question */
};

/* choose_value of each strategy whose state begins with its stream of numbers. */
uint32_t walk_choose_value(void *state, unsigned kind, uint32_t bound);

/* The number behind a strategy's colon; false when it is none, or more than @most. */
bool walk_number(const char *argument, uint32_t most, uint32_t *number);

static inline void walk_begin(struct walk *walk, const struct sched_begin *begin)
{
	rng_seed(&walk->rng, begin->seed);
	walk->bits_left = 0;
	walk->clock_step = UINT32_MAX;
}

/* Shall choose() answer SCHED_CLOCK? */
static inline bool walk_clock(struct walk *walk, const struct sched_view *view)
{
	if (__builtin_expect(!view->timer_pending, 1))
		return false;
	if (walk->clock_step == view->step)
		return false;
	walk->clock_step = view->step;
	return rng_below(&walk->rng, WALK_CLOCK_ODDS) == 0;
}

/*
 * Uniform in [0, bound) for the few threads there are, from 16 bits: a bias of one part in
 * 65536 / bound. Costs as good as nothing; a bound of 1 uses its bits, too.
 */
static inline uint32_t walk_index(struct walk *walk, uint32_t bound)
{
	uint32_t bits;

	if (walk->bits_left-- == 0) {
		walk->bits = rng_next(&walk->rng);
		walk->bits_left = 3;
	}
	bits = (uint32_t)walk->bits & 0xffff;
	walk->bits >>= 16;
	return bits * bound >> 16;
}

static inline thread_id walk_uniform(struct walk *walk, const struct sched_view *view)
{
	if (view->ready_count == 1)
		return view->ready[0];
	return view->ready[rng_below(&walk->rng, view->ready_count)];
}

static inline bool walk_is_ready(const struct sched_view *view, thread_id id)
{
	int32_t place;

	if (id >= view->thread_count)
		return false;
	place = view->threads[id]->ready_index;
	return place >= 0 && (uint32_t)place < view->ready_count && view->ready[place] == id;
}

#endif
