/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Steering at one race: a thread that is about to make one of its two accesses is held until
 * another is about to make the other one, to the same memory; then they go in the order that was
 * asked for, one right after the other. Everything else is a uniform walk. This is race-directed
 * random testing (Sen, "Race directed random testing of concurrent programs", PLDI 2008); here the
 * order is given instead of drawn, and meetings go on until the schedule ends.
 *
 * The engine marks the accesses (OP_STEER_ONE, OP_STEER_OTHER). When all that could run is held,
 * or a coin says so at any step, one of the held goes on: it may be the next of its accesses that
 * meets another, and who holds a lock that the other needs must not wait for ever. The coin's odds
 * are drawn once per schedule, so that long and short holding are both tried.
 */
#include <stddef.h>

#include "sched/fair.h"
#include "sched/strategies.h"
#include "sched/walk.h"

#define BOTH (OP_STEER_ONE | OP_STEER_OTHER)

struct steer {
	struct walk walk;
	bool other_first;
	uint32_t meetings;
	uint32_t release_odds; /* one in so many steps */
	thread_id second;      /* of the meeting that is on: goes next */
	struct fair fair;
};

static bool steer_configure(void *state, const char *argument)
{
	static const char *const orders[] = { "one", "other" };

	for (unsigned i = 0; argument && i < 2; i++) {
		const char *a = argument, *b = orders[i];

		while (*a && *a == *b) {
			a++;
			b++;
		}
		((struct steer *)state)->other_first = i == 1;
		if (*a == '\0' && *b == '\0')
			return true;
	}
	return argument == NULL;
}

static void steer_begin(void *state, const struct sched_begin *begin)
{
	static const uint16_t odds[] = { 8, 64, 1024, 16384 };
	struct steer *steer = (struct steer *)state;

	walk_begin(&steer->walk, begin);
	fair_begin(&steer->fair);
	steer->meetings = 0;
	steer->second = THREAD_NONE;
	steer->release_odds = odds[rng_below(&steer->walk.rng, sizeof(odds) / sizeof(odds[0]))];
}

uint32_t sched_steer_meetings(const void *state)
{
	return ((const struct steer *)state)->meetings;
}

/* Memory of one process is known by its address there, memory that several share by its key. */
static bool overlap(const struct thread *of_a, const struct thread *of_b)
{
	const struct op *a = &of_a->op, *b = &of_b->op;
	const uint64_t one = a->args[1] ? a->args[1] : (uintptr_t)a->object;
	const uint64_t other = b->args[1] ? b->args[1] : (uintptr_t)b->object;

	if (of_a->process != of_b->process && !(a->args[1] && b->args[1]))
		return false;
	return one < other + b->args[0] && other < one + a->args[0];
}

static bool meet(const struct thread *first, const struct thread *second, uint32_t wanted)
{
	return first != second && (first->op.flags & wanted) &&
	       (second->op.flags & (BOTH ^ wanted) & BOTH) && overlap(first, second);
}

/* Two that stand at the two accesses. Where both are the same place of the code the order is that
 * of the walk. */
static bool find_meeting(struct steer *steer, const struct sched_view *view, thread_id *first,
			 thread_id *second)
{
	const uint32_t wanted = steer->other_first ? OP_STEER_OTHER : OP_STEER_ONE;
	uint32_t found = 0;

	for (uint32_t i = 0; i < view->ready_count; i++)
		for (uint32_t k = 0; k < view->ready_count; k++) {
			if (!meet(view->threads[view->ready[i]], view->threads[view->ready[k]],
				  wanted))
				continue;
			if (rng_below(&steer->walk.rng, ++found) != 0)
				continue;
			*first = view->ready[i];
			*second = view->ready[k];
		}
	return found != 0;
}

/* One of the ready threads that are not held; of all when all are, or the coin says so. */
static thread_id pick(struct steer *steer, const struct sched_view *view)
{
	const bool release = rng_below(&steer->walk.rng, steer->release_odds) == 0;
	thread_id choice = THREAD_NONE;
	uint32_t free = 0;

	for (uint32_t i = 0; i < view->ready_count && !release; i++)
		if (!(view->threads[view->ready[i]]->op.flags & BOTH) &&
		    rng_below(&steer->walk.rng, ++free) == 0)
			choice = view->ready[i];
	return choice == THREAD_NONE ? walk_uniform(&steer->walk, view) : choice;
}

static thread_id steer_choose(void *state, const struct sched_view *view)
{
	struct steer *steer = (struct steer *)state;
	const thread_id idle = fair_settle(&steer->fair, view);
	thread_id first = THREAD_NONE, second = steer->second;

	if (walk_clock(&steer->walk, view))
		return fair_chose(&steer->fair, view, SCHED_CLOCK);
	steer->second = THREAD_NONE;
	if (second != THREAD_NONE && walk_is_ready(view, second) &&
	    (view->threads[second]->op.flags & BOTH))
		return fair_chose(&steer->fair, view, second);
	if (find_meeting(steer, view, &first, &second)) {
		steer->meetings++;
		steer->second = second;
		return fair_chose(&steer->fair, view, first);
	}
	/* Who spins may be waiting for one that is held. */
	if (idle != THREAD_NONE)
		return fair_chose(&steer->fair, view, walk_uniform(&steer->walk, view));
	return fair_chose(&steer->fair, view, pick(steer, view));
}

const struct sched_strategy sched_steer = {
	.name = "steer",
	.summary = "holds two racing accesses until they meet (how a race is confirmed)",
	.reference = "Sen, PLDI 2008, Race directed random testing; here the order is given",
	.state_size = sizeof(struct steer),
	.configure = steer_configure,
	.begin = steer_begin,
	.choose = steer_choose,
	.choose_value = walk_choose_value,
};
