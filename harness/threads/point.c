/* SPDX-License-Identifier: Apache-2.0 */
/* Delays are the kernel's sleeps, by raw calls. */
#include "threads/point.h"

#include <time.h>

#include "base/sys.h"
#include "threads/checks.h"
#include "threads/order.h"
#include "threads/watch.h"

#define PAGE_MASK 0xfffU /* what of an address is the same wherever the program was loaded */

static void show(const struct self *me, enum perturb_state state)
{
	if (me->entry)
		__atomic_store_n(&me->entry->state, state, __ATOMIC_RELEASE);
}

static void hold_up(struct self *me, uint64_t delay_ns)
{
	const struct timespec delay = { (time_t)(delay_ns / 1000000000ULL),
					(long)(delay_ns % 1000000000ULL) };

	if (me->entry)
		me->entry->delayed_ns += delay_ns;
	show(me, PERTURB_DELAYED);
	sys_call4(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, (long)&delay, 0);
	show(me, PERTURB_RUNS);
}

static bool follow(struct self *me)
{
	bool followed;

	if (perturb_board->guide.pass_count == 0)
		return false;
	show(me, PERTURB_DELAYED);
	followed = order_follow(me);
	show(me, PERTURB_RUNS);
	return followed;
}

/* Of a lock or semaphore, which one thread has and another is refused. */
static bool is_acquisition(enum op_kind kind)
{
	switch (kind) {
	case OP_MUTEX_LOCK:
	case OP_RWLOCK_RDLOCK:
	case OP_RWLOCK_WRLOCK:
	case OP_SPIN_LOCK:
	case OP_SEM_WAIT:
		return true;
	default:
		return false;
	}
}

static void choose(struct self *me, enum op_kind kind, const void *site, bool after)
{
	const struct choice_point point = { kind, after, (uint64_t)(uintptr_t)site & PAGE_MASK };
	const struct choice_answer answer = choice_at(&me->choice, &point);
	const bool acquires = is_acquisition(kind);

	/* Who has it keeps others from it while it is held up. */
	if (acquires && after) {
		follow(me);
		order_note(me, false);
	}
	if (!follow(me)) {
		if (answer.act == CHOICE_YIELD)
			sys_call0(SYS_sched_yield);
		else if (answer.act == CHOICE_SLEEP)
			hold_up(me, answer.delay_ns);
	}
	order_note(me, acquires && !after);
	if (me->entry)
		me->entry->points++;
}

bool point_begin(const struct point *point)
{
	struct perturb_thread *entry;
	struct self *me;

	if (!perturb_board || watch_is_detector(point->site))
		return false;
	me = self_get();
	if (me->aside)
		return false;
	choose(me, point->kind, point->site, false);
	checks_always(point->site);
	watch_enter(point->site);
	entry = me->entry;
	if (!entry)
		return true;
	entry->op = (uint16_t)point->kind;
	entry->timed = point->timed;
	entry->object = (uint64_t)(uintptr_t)point->object;
	entry->object2 = (uint64_t)(uintptr_t)point->object2;
	entry->site = (uint64_t)(uintptr_t)point->site;
	__atomic_store_n(&entry->state, PERTURB_WAITS, __ATOMIC_RELEASE);
	return true;
}

void point_end(void)
{
	struct self *me = &self;
	enum op_kind kind = OP_NONE;
	const void *site = NULL;

	watch_leave();
	if (me->entry) {
		kind = me->entry->op;
		site = (const void *)(uintptr_t)me->entry->site;
		__atomic_store_n(&me->entry->state, PERTURB_RUNS, __ATOMIC_RELEASE);
	}
	choose(me, kind, site, true);
}

void point_pass(enum op_kind kind, const void *site, bool after)
{
	struct self *me;

	if (!perturb_board)
		return;
	me = self_get();
	if (!me->aside)
		choose(me, kind, site, after);
}
