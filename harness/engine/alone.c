/* SPDX-License-Identifier: Apache-2.0 */
/* See alone.h. */
#include "engine/alone.h"

#include "engine/calls/system.h"
#include "engine/processes/processes.h"
#include "engine/state.h"

#define LOOPS_MAX 1000

static bool ended;
static struct {
	uintptr_t at;
	uint64_t state;
	uint32_t rounds;
} loop;

void alone_begin(void)
{
	ended = false;
	loop.rounds = 0;
}

/* May what the thread waits for come from outside of the schedule? */
static bool may_be_woken(const struct thread *t)
{
	switch (op_kind_family(t->op.kind)) {
	case FAMILY_THREAD:
	case FAMILY_ONCE:
	case FAMILY_MUTEX:
	case FAMILY_COND:
	case FAMILY_RWLOCK:
	case FAMILY_SPIN:
	case FAMILY_BARRIER:
	case FAMILY_SEM:
	case FAMILY_FUTEX:
		return false;
	default:
		return true;
	}
}

bool alone(void)
{
	const struct world *w = &engine_world;

	if (w->ready_count > 1 || !list_empty(&w->timers) || system_timer_next != UINT64_MAX ||
	    system_dirty.uncontrolled || processes_several())
		return false;
	for (uint32_t i = 0; i < w->thread_count; i++)
		if (w->threads[i]->status == THREAD_BLOCKED && may_be_woken(w->threads[i]))
			return false;
	return true;
}

void alone_ends(void)
{
	ended = true;
	engine.step_bound = engine_world.step + 1;
	step_watch_next();
}

bool alone_ended(void)
{
	return ended;
}

bool alone_loops(uintptr_t at, uint64_t state)
{
	if (!alone() || loop.at != at || loop.state != state) {
		loop.rounds = 0;
		loop.at = at;
		loop.state = state;
		return false;
	}
	return ++loop.rounds >= LOOPS_MAX;
}

void alone_left(void)
{
	loop.rounds = 0;
}
