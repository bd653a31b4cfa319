/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/access/weak.h"

#include "base/rng.h"
#include "base/sys.h"
#include "engine/access/access.h"
#include "engine/inline/inline_sites.h"
#include "engine/processes/processes.h"
#include "engine/state.h"

/* The value that is drawn decides by its two low bits how often a load that has a choice reads an
 * older store: never, never, every second time, every fourth. */
#define SEEDS 65536u

struct pending weak_pending;

static struct rng rng;
static uint32_t odds; /* 0: not drawn yet */

void weak_begin(void)
{
	const struct board_config *config = &engine.board->config;

	pending_begin(&weak_pending);
	odds = 0;
	engine.result->older_loads = 0;
	access_state.weak = !config->sequential && !config->with && inline_sites_are_all &&
			    !processes_several();
	if (access_state.weak || config->sequential)
		access_state.weak_told = 1;
}

static void stop(void)
{
	access_state.weak = 0;
	weak_show_all();
}

void weak_stop(void)
{
	if (access_state.weak)
		access_state.weak_told = 0;
	stop();
}

void weak_store(uintptr_t address, unsigned size, uint64_t old, uint64_t value, uintptr_t pc)
{
	if (access_state.ignore)
		pending_overwritten(&weak_pending, access_object((const void *)address), size);
	else
		pending_store(&weak_pending, &access_race, engine_current->id,
			      access_object((const void *)address), size, old, value, (uint32_t)pc);
}

void weak_overwrote(uintptr_t address, unsigned size, int order)
{
	pending_overwritten(&weak_pending, access_object((const void *)address), size);
	if (order == __ATOMIC_SEQ_CST)
		pending_publish(&weak_pending, &access_race, engine_current->id);
}

void weak_renewed(uintptr_t address, size_t size)
{
	pending_overwritten(&weak_pending, access_object((const void *)address), size);
}

/* How many stores the load passes over. False: none, in this whole schedule. */
static bool draw(uint32_t most, uint32_t *few)
{
	if (odds == 0) {
		const uint32_t seed = world_choose(&engine_world, CHOICE_LOAD, SEEDS);

		rng_seed(&rng, seed);
		odds = seed & 2 ? 2u + (seed & 1) * 2 : UINT32_MAX;
	}
	if (odds == UINT32_MAX)
		return false;
	*few = rng_below(&rng, odds) == 0 ? 1 + rng_below(&rng, most) : 0;
	return true;
}

/* The step of this load says whose store it missed. */
static void note(uintptr_t address, thread_id missed)
{
	struct event *last = event_log_last(engine.log);

	engine.result->older_loads++;
	if (last && last->kind == OP_ATOMIC_LOAD && last->thread == engine_current->id &&
	    last->object == address)
		last->aux = EVENT_AUX_OLDER | missed;
}

bool weak_load(uintptr_t address, unsigned size, int order, uint64_t *value)
{
	const uint64_t object = access_object((const void *)address);
	const thread_id self = engine_current->id;
	const struct pending_store *missed;
	struct pending_choice choice;
	uint32_t few = 0;

	pending_look(&weak_pending, &access_race, self, object, size, *value, &choice);
	if (choice.count == 0)
		return false;
	if (!access_state.ignore && !draw(choice.count, &few)) {
		stop();
		return false;
	}
	missed = pending_load(&weak_pending, self, &choice, few);
	if (!missed)
		return false;
	*value = missed->old;
	race_atomic_load_of(&access_race, self, &missed->before, order);
	note(address, missed->thread);
	return true;
}

void weak_fence(int order)
{
	if (order == __ATOMIC_SEQ_CST)
		pending_publish(&weak_pending, &access_race, engine_current->id);
}

void weak_called(long number)
{
	if (number == SYS_membarrier) /* a fence of all threads */
		weak_show_all();
	else
		pending_publish(&weak_pending, &access_race, engine_current->id);
}

void weak_publish(const struct thread *t)
{
	if (op_kind_family(t->op.kind) == FAMILY_MEMORY || t->op.kind == OP_PREEMPT ||
	    t->op.kind == OP_LINGER)
		return;
	if (t->op.kind == OP_FORK)
		weak_stop();
	else
		pending_publish(&weak_pending, &access_race, t->id);
}
