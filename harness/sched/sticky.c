/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A walk that mostly stays. A uniform choice at every step switches so often that a producer and
 * its consumer run in lockstep and queues never hold more than one or two elements. Here the
 * running thread goes on with a probability that is drawn once per schedule from 1/2, 3/4, ...
 * 63/64, so that runs of all lengths up to some hundred steps are tried; otherwise one of the
 * others takes over, each with the same odds. A thread that is only waiting (fair.h) does not stay.
 *
 * The coin is thrown at the first question of a step and holds for those repeated in it. The
 * running thread's share is then exactly the drawn probability, whichever of the others turn out to
 * be blocked.
 */
#include <stddef.h>

#include "sched/fair.h"
#include "sched/strategies.h"
#include "sched/walk.h"

#define STAY_SHIFT_MAX 6

struct sticky {
	struct walk walk;
	uint32_t leave_one_in; /* 2, 4, ... 64 */
	uint32_t coin_step;
	bool stay;
	struct fair fair;
};

static void sticky_begin(void *state, const struct sched_begin *begin)
{
	struct sticky *sticky = (struct sticky *)state;

	walk_begin(&sticky->walk, begin);
	fair_begin_drawn(&sticky->fair, begin);
	sticky->leave_one_in = 2u << rng_below(&sticky->walk.rng, STAY_SHIFT_MAX);
	sticky->coin_step = UINT32_MAX;
}

/* One of the candidates besides @current, which is among them. */
static thread_id pick_other(struct sticky *sticky, const struct sched_view *view, thread_id current)
{
	uint32_t place;

	if (view->ready_count == 1)
		return current;
	place = rng_below(&sticky->walk.rng, view->ready_count - 1);
	if (place >= (uint32_t)view->threads[current]->ready_index)
		place++;
	return view->ready[place];
}

static thread_id sticky_choose(void *state, const struct sched_view *view)
{
	struct sticky *sticky = (struct sticky *)state;
	const thread_id idle = fair_settle(&sticky->fair, view);
	thread_id choice;

	if (walk_clock(&sticky->walk, view))
		return fair_chose(&sticky->fair, view, SCHED_CLOCK);
	if (sticky->coin_step != view->step) {
		sticky->coin_step = view->step;
		sticky->stay = idle == THREAD_NONE &&
			       rng_below(&sticky->walk.rng, sticky->leave_one_in) != 0;
	}
	if (!walk_is_ready(view, view->current))
		choice = walk_uniform(&sticky->walk, view);
	else if (sticky->stay)
		choice = view->current;
	else
		choice = pick_other(sticky, view, view->current);
	return fair_chose(&sticky->fair, view, choice);
}

const struct sched_strategy sched_sticky = {
	.name = "sticky",
	.summary = "walk that stays with the running thread, for a while that differs per schedule",
	.reference =
		"a lazy random walk; the stay probability is drawn per schedule from 1/2 to 63/64",
	.state_size = sizeof(struct sticky),
	.begin = sticky_begin,
	.choose = sticky_choose,
	.choose_value = walk_choose_value,
};
