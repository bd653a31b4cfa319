/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PCT: strict priorities that change at few random steps. Each thread gets a random priority, the
 * highest ready one always runs, and d - 1 change points are drawn uniformly from the k steps of
 * the schedule; the thread that performed the step of the i-th change point gets priority i, lower
 * than all initial ones. A bug of depth d (d orderings make it happen) shows in one schedule with
 * probability at least 1/(n k^(d-1)) with n threads, whatever else they do.
 *
 * Where this departs from the paper:
 * - k is the longest schedule of a first batch (sched_learned). While that is not known, and in one
 *   schedule of HEDGE_ODDS ever after, each change point first draws a power of two up to k and
 * then a step below it. So early steps, which every schedule has, get most of them, and one endless
 *   schedule in the first batch does not spoil the campaign. The bound holds for the other
 * schedules.
 * - In half of the schedules the first thread of a kind (kinds.h) is above all later ones. The
 * bound holds for the other half.
 * - Time is a thread, too: the clock has a priority, redrawn when it was used. With it on top, a
 * timeout beats ready threads.
 * - Fairness: a thread that is only waiting (fair.h) drops below all others. That does not see
 * every spin loop, so a schedule that lasts longer than twice k is in overtime: every so many steps
 * whoever runs drops. The bound of the paper only speaks of schedules of up to k steps, which
 * overtime leaves alone.
 */
#include <stddef.h>

#include "base/rng.h"
#include "sched/fair.h"
#include "sched/kinds.h"
#include "sched/strategies.h"
#include "sched/walk.h"

#define DEPTH_DEFAULT 3
#define DEPTH_MAX     32
#define CHANGES_MAX   (DEPTH_MAX - 1)

/* Priorities, highest first: initial ones, those of change points, then the dropped ones in order
 * of dropping. */
#define PRIORITY_INITIAL 0x80000000u
#define PRIORITY_FIRST   0x40000000u /* set in those of the first of a kind, where that counts */
#define PRIORITY_CHANGE  0x40000000u

/* Powers of two from which the bound on steps is guessed; the last one while nothing is learned. */
#define GUESS_SHIFT_MIN 3
#define GUESS_SHIFT_MAX 11

#define HEDGE_ODDS     4
#define CLOCK_PATIENCE 4

#define OVERTIME_EVERY_MIN 64
#define OVERTIME_EVERY_MAX 4096

struct pct {
	struct rng rng;
	uint32_t depth;   /* configured; all else belongs to one schedule */
	bool kinds;       /* the first of a kind is above the others */
	uint32_t bottom;  /* the lowest priority so far */
	uint32_t clock;   /* the clock's priority */
	thread_id passed; /* whose turn the clock took last, and how often in a row */
	uint16_t passed_count;
	uint32_t next_step; /* the first step number at which a change or overtime is due */
	uint32_t overtime_step;
	uint32_t overtime_every;
	uint32_t known;                /* threads whose priority is valid */
	uint32_t changes[CHANGES_MAX]; /* steps, in the order of the priorities they give;
					  UINT32_MAX: done */
	struct fair fair;
	uint32_t priority[THREADS_MAX];
};

static bool pct_configure(void *state, const char *argument)
{
	uint32_t depth = DEPTH_DEFAULT;

	if (argument && (!walk_number(argument, DEPTH_MAX, &depth) || depth < 1))
		return false;
	((struct pct *)state)->depth = depth;
	return true;
}

static uint32_t initial_priority(struct pct *pct)
{
	return PRIORITY_INITIAL | (uint32_t)(rng_next(&pct->rng) >> 33);
}

/* Of a thread that is new. */
static uint32_t new_priority(struct pct *pct, const struct sched_view *view, thread_id id)
{
	const uint32_t drawn = initial_priority(pct);

	if (!pct->kinds || !kinds_has(view, id))
		return drawn;
	return kinds_is_first(view, id) ? drawn | PRIORITY_FIRST : drawn & ~PRIORITY_FIRST;
}

static void schedule_next(struct pct *pct)
{
	uint32_t next = pct->overtime_step;

	for (uint32_t i = 0; i + 1 < pct->depth; i++)
		if (pct->changes[i] < next)
			next = pct->changes[i];
	pct->next_step = next;
}

/* A step up to @steps: each as likely, or, hedged, each power of two as likely. */
static uint32_t draw_change(struct pct *pct, uint32_t steps, bool hedged)
{
	uint32_t shift_max = GUESS_SHIFT_MIN;

	if (!hedged)
		return 1 + rng_below(&pct->rng, steps);
	while (shift_max < 31 && 1u << shift_max < steps)
		shift_max++;
	return 1 +
	       rng_below(&pct->rng, 1u << (GUESS_SHIFT_MIN +
					   rng_below(&pct->rng, shift_max - GUESS_SHIFT_MIN + 1)));
}

static void pct_begin(void *state, const struct sched_begin *begin)
{
	struct pct *pct = (struct pct *)state;
	const uint32_t learned = begin->learned.steps_max;
	uint32_t steps = learned ? learned : 1u << GUESS_SHIFT_MAX;
	bool hedged;

	rng_seed(&pct->rng, begin->seed);
	fair_begin_drawn(&pct->fair, begin);
	pct->known = 0;
	pct->kinds = rng_below(&pct->rng, 2) != 0;
	pct->bottom = PRIORITY_CHANGE;
	pct->clock = initial_priority(pct);
	pct->passed = THREAD_NONE;
	hedged = rng_below(&pct->rng, HEDGE_ODDS) == 0 || learned == 0;
	for (uint32_t i = 0; i + 1 < pct->depth; i++)
		pct->changes[i] = draw_change(pct, steps, hedged);
	pct->overtime_step = steps < UINT32_MAX / 4 ? 2 * steps : UINT32_MAX / 2;
	if (steps < OVERTIME_EVERY_MIN)
		steps = OVERTIME_EVERY_MIN;
	if (steps > OVERTIME_EVERY_MAX)
		steps = OVERTIME_EVERY_MAX;
	pct->overtime_every = steps;
	schedule_next(pct);
}

static void drop(struct pct *pct, thread_id id)
{
	if (id < pct->known)
		pct->priority[id] = --pct->bottom;
}

/* Applies the change points up to the steps performed so far to the thread that performed the last
 * one. */
static void change(struct pct *pct, const struct sched_view *view)
{
	for (uint32_t i = 0; i + 1 < pct->depth; i++) {
		if (pct->changes[i] > view->step)
			continue;
		pct->changes[i] = UINT32_MAX;
		if (view->current < pct->known)
			pct->priority[view->current] = PRIORITY_CHANGE + i;
	}
	while (pct->overtime_step <= view->step) {
		drop(pct, view->current);
		pct->overtime_step += pct->overtime_every;
	}
	schedule_next(pct);
}

/*
 * A thread that waits with a timeout, is late and waits again would let a lower one stand for ever:
 * its patience does not help, since it is time itself that goes first. After CLOCK_PATIENCE turns
 * the thread that was passed over has one.
 */
static bool time_may_pass(struct pct *pct, thread_id passed)
{
	if (pct->passed != passed) {
		pct->passed = passed;
		pct->passed_count = 0;
	}
	if (pct->passed_count++ < CLOCK_PATIENCE)
		return true;
	pct->passed_count = 0;
	return false;
}

static thread_id pct_choose(void *state, const struct sched_view *view)
{
	struct pct *pct = (struct pct *)state;
	const thread_id idle = fair_settle(&pct->fair, view);
	thread_id best = view->ready[0];

	for (; pct->known < view->thread_count; pct->known++)
		pct->priority[pct->known] = new_priority(pct, view, (thread_id)pct->known);
	if (view->step >= pct->next_step)
		change(pct, view);
	if (idle != THREAD_NONE)
		drop(pct, idle);

	for (uint32_t i = 1; i < view->ready_count; i++) {
		const thread_id id = view->ready[i];
		const uint32_t priority = pct->priority[id];

		/* Equal priorities are rare, but the order of the array must not decide. */
		if (priority > pct->priority[best] ||
		    (priority == pct->priority[best] && id < best))
			best = id;
	}
	if (view->timer_pending && pct->clock > pct->priority[best] && time_may_pass(pct, best)) {
		pct->clock = initial_priority(pct);
		best = SCHED_CLOCK;
	}
	return fair_chose(&pct->fair, view, best);
}

const struct sched_strategy sched_pct = {
	.name = "pct",
	.summary = "random priorities that change at d-1 random steps (pct:d, 3 by default)",
	.reference = "Burckhardt, Kothari, Musuvathi, Nagarakatte: A randomized scheduler with "
		     "probabilistic guarantees "
		     "of finding bugs, ASPLOS 2010, section 2; the length is learned, the clock "
		     "has a priority, "
		     "spinning threads drop",
	.state_size = sizeof(struct pct),
	.configure = pct_configure,
	.begin = pct_begin,
	.choose = pct_choose,
	.choose_value = walk_choose_value,
};
