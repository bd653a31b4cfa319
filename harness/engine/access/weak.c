/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/access/weak.h"

#include "base/hash.h"
#include "base/rng.h"
#include "base/sys.h"
#include "engine/access/access.h"
#include "engine/inline/inline_sites.h"
#include "engine/processes/processes.h"
#include "engine/state.h"

/*
 * A schedule of an odd seed has loads that read older stores. Each object is slow, fast or neither
 * for all of the schedule: what is wrong mostly needs one store that is seen late and another one
 * that is seen at once. A load that reads an older store reads the oldest that it may as often as
 * not.
 */
#define SEEDS 65536u
#define TIMES 8
static const uint8_t times_of[] = { 0, 4, 8 }; /* of so many loads that have a choice */

struct pending weak_pending;

static struct rng rng;
static bool drawn;
static uint32_t seed;

void weak_begin(void)
{
	const struct board_config *config = &engine.board->config;

	pending_begin(&weak_pending);
	drawn = false;
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

void weak_store(uintptr_t address, unsigned size, uint64_t old, uint64_t value)
{
	if (access_state.ignore)
		pending_overwritten(&weak_pending, access_object((const void *)address), size);
	else
		pending_store(&weak_pending, &access_race, engine_current->id,
			      access_object((const void *)address), size, old, value);
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

/* How many stores the load passes over. False: none, in this whole schedule. The place of an object
 * within its page is the same wherever the program lies. */
static bool draw(uint64_t object, uint32_t most, uint32_t *few)
{
	uint32_t times;

	if (!drawn) {
		seed = world_choose(&engine_world, CHOICE_LOAD, SEEDS);
		rng_seed(&rng, seed);
		drawn = true;
	}
	if (seed % 2 == 0)
		return false;
	times = times_of[hash_mix(hash_fold(seed, object & 0xfff)) % sizeof(times_of)];
	if (rng_below(&rng, TIMES) >= times)
		*few = 0;
	else
		*few = rng_below(&rng, 2) ? most : 1 + rng_below(&rng, most);
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
	if (!access_state.ignore && !draw(object, choice.count, &few)) {
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
