/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Replay: the recorded answers, in order, one to each question, those that were rejected included.
 *
 * From the first difference on the record is a guess at best. Going on with it shows more than
 * stopping would (often the same failure is only a few steps away), so the rest is followed
 * wherever it can be, and the first difference is remembered. What stands in for a missing answer
 * is deterministic and, so that spin loops end, fair: a thread that is only waiting (fair.h) passes
 * its turn to the next one by number.
 */
#include <stddef.h>

#include "sched/fair.h"
#include "sched/strategies.h"

struct replay {
	const thread_id *choices; /* the caller's */
	const uint32_t *values;
	uint32_t choice_count;
	uint32_t value_count;
	uint32_t next_choice;
	uint32_t next_value;
	uint32_t step; /* of the last question */
	bool differs;
	uint32_t differs_at;
	struct fair fair;
};

void sched_replay_load(void *state, const thread_id *choices, uint32_t choice_count,
		       const uint32_t *values, uint32_t value_count)
{
	struct replay *replay = (struct replay *)state;

	replay->choices = choices;
	replay->choice_count = choice_count;
	replay->values = values;
	replay->value_count = value_count;
}

uint32_t sched_replay_diverged(const void *state)
{
	const struct replay *replay = (const struct replay *)state;

	if (replay->differs)
		return replay->differs_at;
	/* At the end: an answer is left that nobody asked for. */
	return replay->next_choice < replay->choice_count ? replay->step + 1 : UINT32_MAX;
}

static void replay_begin(void *state, const struct sched_begin *begin)
{
	struct replay *replay = (struct replay *)state;

	(void)begin;
	replay->next_choice = 0;
	replay->next_value = 0;
	replay->step = 0;
	fair_begin(&replay->fair);
	replay->differs = false;
}

static void differ(struct replay *replay, uint32_t step)
{
	if (!replay->differs)
		replay->differs_at = step;
	replay->differs = true;
}

static bool is_candidate(const struct sched_view *view, thread_id id)
{
	if (id == SCHED_CLOCK)
		return view->timer_pending;
	for (uint32_t i = 0; i < view->ready_count; i++)
		if (view->ready[i] == id)
			return true;
	return false;
}

/* The candidate with the lowest number from @from on, or, when there is none, from 0 on. */
static thread_id lowest(const struct sched_view *view, thread_id from)
{
	thread_id best = view->ready[0];

	for (uint32_t i = 1; i < view->ready_count; i++) {
		const thread_id id = view->ready[i];

		if ((id >= from) != (best >= from) ? id >= from : id < best)
			best = id;
	}
	return best;
}

static thread_id replay_choose(void *state, const struct sched_view *view)
{
	struct replay *replay = (struct replay *)state;
	const thread_id idle = fair_settle(&replay->fair, view);
	thread_id choice;

	replay->step = view->step;
	if (replay->next_choice < replay->choice_count) {
		choice = replay->choices[replay->next_choice++];
		if (is_candidate(view, choice))
			return fair_chose(&replay->fair, view, choice);
	}
	differ(replay, view->step);
	choice = lowest(view, idle == THREAD_NONE ? 0 : (thread_id)(idle + 1));
	return fair_chose(&replay->fair, view, choice);
}

static uint32_t replay_choose_value(void *state, unsigned kind, uint32_t bound)
{
	struct replay *replay = (struct replay *)state;

	(void)kind;
	if (replay->next_value < replay->value_count) {
		const uint32_t value = replay->values[replay->next_value++];

		if (value < bound)
			return value;
	}
	differ(replay, replay->step);
	return 0;
}

const struct sched_strategy sched_replay = {
	.name = "replay",
	.summary = "follows recorded decisions (needs a failure file: jostle replay)",
	.reference = "none; says at which step the program first differed from the record",
	.state_size = sizeof(struct replay),
	.begin = replay_begin,
	.choose = replay_choose,
	.choose_value = replay_choose_value,
};
