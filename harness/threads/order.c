/* SPDX-License-Identifier: Apache-2.0 */
/* One counter that each thread waits for and moves on; a gap that was is a gap again, for what a
 * thread calls after its turn takes effect only then. */
#include "threads/order.h"

#include <errno.h>
#include <linux/futex.h>
#include <time.h>

#include "base/sys.h"

#define NOBODY                  UINT32_MAX
#define MICROSECOND             1000ULL
#define SECOND                  (1000000 * MICROSECOND)
#define PATIENCE_NS             (20000 * MICROSECOND)
#define PATIENCE_BELOW_DETECTOR 25 /* times that */
#define LATE_NS                 (10000 * MICROSECOND)
#define GAP_LEAST_US            20 /* the next one is not woken before the call has begun */

static uint64_t now_ns(void)
{
	struct timespec now = { 0, 0 };

	sys_call2(SYS_clock_gettime, CLOCK_MONOTONIC, (long)&now);
	return (uint64_t)now.tv_sec * SECOND + (uint64_t)now.tv_nsec;
}

static struct timespec as_time(uint64_t ns)
{
	return (struct timespec){ (time_t)(ns / SECOND), (long)(ns % SECOND) };
}

void order_begin(struct self *me)
{
	const struct perturb_guide *guide = &perturb_board->guide;

	me->turn = 0;
	me->late = false;
	me->guided_as = NOBODY;
	for (uint32_t i = 0; i < guide->lineage_count; i++)
		if (guide->lineages[i] == me->lineage)
			me->guided_as = i;
}

static void wake(struct perturb_guide *guide)
{
	sys_call3(SYS_futex, (long)&guide->next, FUTEX_WAKE, 0x7fffffff);
}

static void leave(struct perturb_guide *guide)
{
	__atomic_store_n(&guide->left, 1, __ATOMIC_RELEASE);
	wake(guide);
}

/* False: the counter did not move for longer than anything of that run took. */
static bool await(struct perturb_guide *guide, uint32_t turn)
{
	const unsigned factor = perturb_board->below_detector ? PATIENCE_BELOW_DETECTOR : 1;

	for (;;) {
		const uint32_t next = __atomic_load_n(&guide->next, __ATOMIC_ACQUIRE);
		struct timespec patience;

		if (next == turn)
			return true;
		if (next > turn || __atomic_load_n(&guide->left, __ATOMIC_ACQUIRE))
			return false;
		patience = as_time(factor *
				   (PATIENCE_NS + 2 * MICROSECOND * guide->passes[next].after_us));
		if (sys_call4(SYS_futex, (long)&guide->next, FUTEX_WAIT, next, (long)&patience) ==
			    -ETIMEDOUT &&
		    __atomic_load_n(&guide->next, __ATOMIC_ACQUIRE) == next)
			return false;
	}
}

static void keep_distance(const struct perturb_guide *guide, uint32_t turn)
{
	const struct perturb_pass *pass = &guide->passes[turn];
	uint32_t gap_us = pass->after_us;
	struct timespec until;

	if (gap_us < GAP_LEAST_US) {
		if (turn == 0 || pass[-1].thread == pass->thread)
			return;
		gap_us = GAP_LEAST_US;
	}
	until = as_time(guide->moved_ns + gap_us * MICROSECOND);
	sys_call4(SYS_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, (long)&until, 0);
}

/* The guide may be damaged: it came from a file. */
static uint32_t next_turn(const struct perturb_guide *guide, const struct self *me)
{
	uint32_t turn = me->turn;

	while (turn < guide->pass_count && turn < PERTURB_PASSES_MAX &&
	       guide->passes[turn].thread != me->guided_as)
		turn++;
	return turn;
}

/* When that run ended the thread had not come as far, so it is late again: what the others did last
 * is done first. */
static bool be_late(struct perturb_guide *guide, struct self *me)
{
	const struct timespec late = as_time(LATE_NS);

	me->late = true;
	if (guide->pass_count >= PERTURB_PASSES_MAX || !await(guide, guide->pass_count))
		return false;
	sys_call4(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, (long)&late, 0);
	return true;
}

bool order_follow(struct self *me)
{
	struct perturb_guide *guide = &perturb_board->guide;
	uint32_t turn;

	if (me->late || __atomic_load_n(&guide->left, __ATOMIC_ACQUIRE))
		return false;
	turn = next_turn(guide, me);
	if (turn >= guide->pass_count || turn >= PERTURB_PASSES_MAX)
		return be_late(guide, me);
	if (!await(guide, turn)) {
		leave(guide);
		return false;
	}
	keep_distance(guide, turn);
	me->turn = turn + 1;
	guide->moved_ns = now_ns();
	__atomic_store_n(&guide->next, turn + 1, __ATOMIC_RELEASE);
	wake(guide);
	return true;
}

void order_note(const struct self *me, bool acquires)
{
	struct perturb_board *board = perturb_board;
	uint32_t index;

	/* Looked at first, so that a long run does not make the counter turn over. */
	if (!me->entry ||
	    __atomic_load_n(&board->passed_count, __ATOMIC_RELAXED) >= PERTURB_PASSES_MAX)
		return;
	index = __atomic_fetch_add(&board->passed_count, 1, __ATOMIC_RELAXED);
	if (index >= PERTURB_PASSES_MAX)
		return;
	board->passed[index].thread = (uint16_t)me->index;
	board->passed[index].acquires = acquires;
	__atomic_store_n(&board->passed[index].after_us,
			 (uint32_t)((now_ns() - board->started_ns) / MICROSECOND) + 1,
			 __ATOMIC_RELEASE);
}
