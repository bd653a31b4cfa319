/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Delay bounding: threads take turns in a fixed order, and d times a schedule, at steps drawn at
 * random, whoever has its turn loses it. Without delays all threads of a kind are at the same place
 * at the same time, however many there are, which chance brings about for few threads only: all
 * sixty-four hold one lock and want the next. A bug that needs some of them a little ahead or
 * behind is a delay or two away.
 *
 * Where this departs from the paper:
 * - It explores all schedules of at most d delays; here they are drawn, and so is what the paper
 *   leaves open: the order of turns, and how many steps a turn has, half the time one, a quarter a
 *   statement's few, else up to TURN_MAX. Seldom there are fewer than d: without any, threads take
 *   turns from the first statement to the last.
 * - In half of the schedules the first thread of a kind (kinds.h) comes before all others, or
 * after.
 * - Creation is a head start: who is made first would be far ahead when the last one begins. In
 * half of the schedules nobody begins before all that began wait: main has made them all then.
 * - In lockstep two that give way to each other do so for ever. Behind the longest schedule known
 * and as much again, or OVERTIME_MAX, it is a uniform walk, which ends that.
 * - A thread that is only waiting (fair.h) loses its turn, and time passes by a coin (walk.h).
 */
#include <stddef.h>

#include "sched/fair.h"
#include "sched/kinds.h"
#include "sched/strategies.h"
#include "sched/walk.h"

#define DELAYS_DEFAULT 2
#define DELAYS_MAX     16
#define TURN_FEW_MAX   6
#define TURN_SHIFT_MIN 3
#define TURN_SHIFT_MAX 6
#define TURN_MAX       (1U << TURN_SHIFT_MAX)

/* One schedule of so many has no delay, one has one. */
#define FEWER_ODDS 8

/* Who has begun may wait for one that has not, in a loop that nobody can see: so many steps without
 * a new thread, and they begin. */
#define GATHER_STEPS 64

/* Of steps from which delays are drawn when none are known, and of half of them in each schedule: a
 * power of two up to all steps first, then a step below it, so that early ones are drawn, too. */
#define GUESS_SHIFT_MIN 3
#define GUESS_SHIFT_MAX 11

#define OVERTIME_MAX 8192

struct delay {
	struct walk walk;
	uint32_t delays;        /* configured; all else belongs to one schedule */
	uint32_t turn;          /* steps that a turn has */
	uint32_t left;          /* that the present one still has */
	uint64_t whose;         /* turn it is: the least rank that may go, see rank_of() */
	bool kinds;             /* the first of each have places of their own */
	bool gathers;           /* nobody begins yet */
	uint32_t gathered_step; /* when the last one came */
	uint32_t overtime_step;
	uint32_t known;             /* threads whose order is valid */
	uint32_t steps[DELAYS_MAX]; /* UINT32_MAX: done */
	struct fair fair;
	uint32_t order[THREADS_MAX];
};

static bool delay_configure(void *state, const char *argument)
{
	uint32_t delays = DELAYS_DEFAULT;

	if (argument && !walk_number(argument, DELAYS_MAX, &delays))
		return false;
	((struct delay *)state)->delays = delays;
	return true;
}

static uint32_t draw_step(struct delay *delay, uint32_t steps)
{
	uint32_t shift_max = GUESS_SHIFT_MIN;

	if (rng_below(&delay->walk.rng, 2) == 0)
		return 1 + rng_below(&delay->walk.rng, steps);
	while (shift_max < 31 && 1U << shift_max < steps)
		shift_max++;
	return 1 + rng_below(&delay->walk.rng,
			     1U << (GUESS_SHIFT_MIN +
				    rng_below(&delay->walk.rng, shift_max - GUESS_SHIFT_MIN + 1)));
}

static uint32_t draw_turn(struct rng *rng)
{
	switch (rng_below(rng, 4)) {
	case 0:
		return 2 + rng_below(rng, TURN_FEW_MAX - 1);
	case 1:
		return 1U << (TURN_SHIFT_MIN + rng_below(rng, TURN_SHIFT_MAX - TURN_SHIFT_MIN + 1));
	default:
		return 1;
	}
}

static void delay_begin(void *state, const struct sched_begin *begin)
{
	struct delay *delay = (struct delay *)state;
	const uint32_t learned = begin->learned.steps_max;
	const uint32_t steps = learned ? learned : 1U << GUESS_SHIFT_MAX;
	uint32_t fewer;

	walk_begin(&delay->walk, begin);
	fair_begin(&delay->fair);
	delay->known = 0;
	delay->whose = 0;
	delay->kinds = rng_below(&delay->walk.rng, 2) != 0;
	delay->gathers = rng_below(&delay->walk.rng, 2) != 0;
	delay->gathered_step = 0;
	delay->turn = draw_turn(&delay->walk.rng);
	delay->left = delay->turn;
	fewer = rng_below(&delay->walk.rng, FEWER_ODDS);
	for (uint32_t i = 0; i < delay->delays; i++)
		delay->steps[i] = i >= fewer && fewer < 2 ? UINT32_MAX : draw_step(delay, steps);
	delay->overtime_step = steps + (steps < OVERTIME_MAX ? steps : OVERTIME_MAX);
}

/* Of the next thread. A quarter of all places is for those who come first, a quarter for the last.
 */
static void draw_place(struct delay *delay, const struct sched_view *view)
{
	const thread_id id = (thread_id)delay->known++;
	const uint32_t drawn = (uint32_t)rng_next(&delay->walk.rng);

	delay->order[id] = drawn;
	if (!delay->kinds || !kinds_has(view, id))
		return;
	if (kinds_is_first(view, id))
		delay->order[id] = drawn & 1 ? drawn | 3U << 30 : drawn & ~(3U << 30);
	else
		delay->order[id] = drawn / 2 + (1U << 30);
}

/* No two threads have the same. */
static uint64_t rank_of(const struct delay *delay, thread_id id)
{
	return (uint64_t)delay->order[id] << 16 | id;
}

/* Is a delay due? Several that fall together are one. */
static bool falls_due(struct delay *delay, uint32_t step)
{
	bool due = false;

	for (uint32_t i = 0; i < delay->delays; i++) {
		if (delay->steps[i] > step)
			continue;
		delay->steps[i] = UINT32_MAX;
		due = true;
	}
	return due;
}

/* The first in order from @whose on who is ready, and round; of those that have begun, when @begun.
 * THREAD_NONE: there is none. */
static thread_id next(const struct delay *delay, const struct sched_view *view, bool begun)
{
	thread_id after = THREAD_NONE, first = THREAD_NONE;

	for (uint32_t i = 0; i < view->ready_count; i++) {
		const thread_id id = view->ready[i];
		const uint64_t rank = rank_of(delay, id);

		if (begun && view->threads[id]->op.kind == OP_THREAD_START)
			continue;
		if (first == THREAD_NONE || rank < rank_of(delay, first))
			first = id;
		if (rank >= delay->whose && (after == THREAD_NONE || rank < rank_of(delay, after)))
			after = id;
	}
	return after != THREAD_NONE ? after : first;
}

static thread_id delay_choose(void *state, const struct sched_view *view)
{
	struct delay *delay = (struct delay *)state;
	const bool performed = fair_performed(&delay->fair, view);
	const thread_id by = performed ? delay->fair.chosen : THREAD_NONE;
	const thread_id idle = fair_settle(&delay->fair, view);
	thread_id choice = THREAD_NONE;

	if (delay->known < view->thread_count)
		delay->gathered_step = view->step;
	while (delay->known < view->thread_count)
		draw_place(delay, view);
	if (performed) {
		const uint64_t rank = rank_of(delay, by);

		/* The turn may have come to it since those before it could not go. */
		if (rank != delay->whose)
			delay->left = delay->turn;
		delay->whose = rank;
		/* To begin is no step of a turn: else turns would end amid statements. */
		delay->left -= delay->fair.kind != OP_THREAD_START;
		if (delay->left == 0 || idle != THREAD_NONE) {
			delay->whose = rank + 1;
			delay->left = delay->turn;
		}
		if (falls_due(delay, view->step)) {
			delay->whose = rank_of(delay, next(delay, view, false)) + 1;
			delay->left = delay->turn;
		}
	}
	if (walk_clock(&delay->walk, view))
		return fair_chose(&delay->fair, view, SCHED_CLOCK);
	if (view->step >= delay->overtime_step)
		return fair_chose(&delay->fair, view, walk_uniform(&delay->walk, view));
	if (delay->gathers) {
		delay->gathers =
			idle == THREAD_NONE && view->step - delay->gathered_step <= GATHER_STEPS;
		if (delay->gathers)
			choice = next(delay, view, true);
		delay->gathers = choice != THREAD_NONE;
	}
	if (choice == THREAD_NONE)
		choice = next(delay, view, false);
	return fair_chose(&delay->fair, view, choice);
}

const struct sched_strategy sched_delay = {
	.name = "delay",
	.summary = "turns in a fixed order, with d delays at random steps (delay:d, 2 by default)",
	.reference = "Emmi, Qadeer, Rakamaric: Delay-bounded scheduling, POPL 2011, section 3; "
		     "delays, order and length of turns are drawn",
	.state_size = sizeof(struct delay),
	.configure = delay_configure,
	.begin = delay_begin,
	.choose = delay_choose,
	.choose_value = walk_choose_value,
};
