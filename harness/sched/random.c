/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The uniform random walk: at each step every ready thread with the same odds. It knows nothing,
 * costs next to nothing, and is the measure for all others: it finds any bug with a positive
 * probability, those that need few particular steps among few threads soonest. It is weak where one
 * thread must stand still through many steps of another: the odds halve with each.
 */
#include <stddef.h>

#include "sched/strategies.h"
#include "sched/walk.h"

static void random_begin(void *state, const struct sched_begin *begin)
{
	walk_begin((struct walk *)state, begin);
}

static thread_id random_choose(void *state, const struct sched_view *view)
{
	struct walk *walk = (struct walk *)state;

	if (walk_clock(walk, view))
		return SCHED_CLOCK;
	return walk_uniform(walk, view);
}

static struct walk *random_uniform(void *state)
{
	return (struct walk *)state;
}

const struct sched_strategy sched_random = {
	.name = "random",
	.summary = "uniform walk: every ready thread with the same odds at each step",
	.reference = "the baseline; differs from a plain walk in that time passes with odds of 1 "
		     "in 32 a step",
	.state_size = sizeof(struct walk),
	.begin = random_begin,
	.choose = random_choose,
	.choose_value = walk_choose_value,
	.uniform = random_uniform,
};
