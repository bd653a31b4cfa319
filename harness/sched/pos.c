/* SPDX-License-Identifier: Apache-2.0 */
/*
 * POS: partial order sampling. Each pending operation, not each thread, has a random priority, and
 * the highest ready one is performed. The performing thread's next operation draws a new one, and
 * so does every pending operation that conflicts with the performed one (same object, not both only
 * reading), since their order was just decided. Independent operations keep theirs: how they
 * interleave makes no other partial order, so no chance is spent on it. A thread that must stand
 * still through n operations of another does so with odds of about 1/n, where a walk's are 2^-n.
 *
 * Where this departs from the paper: a thread that is only waiting (fair.h) draws from below all
 * others, everything is drawn anew each REDRAW_EVERY steps, lest a low number holds a thread for
 * ever that a loop of plain locks waits for, and the clock moves by a coin (walk.h) rather than by
 * a priority, which in a long schedule would all but surely win somewhere.
 */
#include <stddef.h>

#include "sched/fair.h"
#include "sched/strategies.h"
#include "sched/walk.h"

#define REDRAW_EVERY  1024
#define PRIORITY_BUSY 0x80000000u

struct pos {
	struct walk walk;
	uint32_t known; /* threads whose priority is valid */
	uint32_t redraw_step;
	const void *object; /* of the operation that the last answer lets happen */
	const void *object2;
	uint16_t kind;
	struct fair fair;
	uint32_t priority[THREADS_MAX];
};

static void pos_begin(void *state, const struct sched_begin *begin)
{
	struct pos *pos = (struct pos *)state;

	walk_begin(&pos->walk, begin);
	fair_begin_drawn(&pos->fair, begin);
	pos->known = 0;
	pos->redraw_step = REDRAW_EVERY;
}

static uint32_t draw(struct pos *pos)
{
	return PRIORITY_BUSY | (uint32_t)(rng_next(&pos->walk.rng) >> 33);
}

/* Two of these on the same object commute. */
static bool only_reads(unsigned kind)
{
	switch (kind) {
	case OP_RWLOCK_RDLOCK:
	case OP_RWLOCK_TRYRDLOCK:
	case OP_SEM_GETVALUE:
	case OP_FD_POLL:
	case OP_CLOCK_READ:
	case OP_READ:
	case OP_ATOMIC_LOAD:
	case OP_SPIN_READ:
		return true;
	default:
		return false;
	}
}

static bool conflicts(const struct pos *pos, const struct op *op)
{
	const bool shares =
		(op->object && (op->object == pos->object || op->object == pos->object2)) ||
		(op->object2 && (op->object2 == pos->object || op->object2 == pos->object2));

	return shares && !(only_reads(op->kind) && only_reads(pos->kind));
}

/* The operation of the last answer was performed by @by: new priorities for what it decided. */
static void settle(struct pos *pos, const struct sched_view *view, thread_id by, thread_id idle)
{
	const bool everything = view->step >= pos->redraw_step;

	for (uint32_t i = 0; i < view->ready_count; i++) {
		const thread_id id = view->ready[i];

		if (id != by && (everything || conflicts(pos, &view->threads[id]->op)))
			pos->priority[id] = draw(pos);
	}
	pos->priority[by] = draw(pos);
	if (by == idle)
		pos->priority[by] &= ~PRIORITY_BUSY;
	if (everything)
		pos->redraw_step = view->step + REDRAW_EVERY;
}

static thread_id pos_choose(void *state, const struct sched_view *view)
{
	struct pos *pos = (struct pos *)state;
	const thread_id by = fair_performed(&pos->fair, view) ? pos->fair.chosen : THREAD_NONE;
	const thread_id idle = fair_settle(&pos->fair, view);
	thread_id best = view->ready[0];

	while (pos->known < view->thread_count)
		pos->priority[pos->known++] = draw(pos);
	if (by != THREAD_NONE)
		settle(pos, view, by, idle);
	if (walk_clock(&pos->walk, view))
		return fair_chose(&pos->fair, view, SCHED_CLOCK);

	for (uint32_t i = 1; i < view->ready_count; i++) {
		const thread_id id = view->ready[i];
		const uint32_t priority = pos->priority[id];

		if (priority > pos->priority[best] ||
		    (priority == pos->priority[best] && id < best))
			best = id;
	}
	pos->object = view->threads[best]->op.object;
	pos->object2 = view->threads[best]->op.object2;
	pos->kind = view->threads[best]->op.kind;
	return fair_chose(&pos->fair, view, best);
}

const struct sched_strategy sched_pos = {
	.name = "pos",
	.summary = "partial-order sampling: a random priority per operation, redrawn at conflicts",
	.reference = "Yuan, Yang, Gu: Partial order aware concurrency sampling, CAV 2018, section "
		     "4; waiting threads "
		     "draw low, time passes by a coin",
	.state_size = sizeof(struct pos),
	.begin = pos_begin,
	.choose = pos_choose,
	.choose_value = walk_choose_value,
};
