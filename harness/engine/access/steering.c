/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/access/steering.h"

#include "base/hash.h"
#include "engine/access/access.h"
#include "engine/access/points.h"
#include "engine/processes/keys.h"

#define KNOWN_MAX 256U /* places whose marks are remembered; a power of two */

static struct known {
	uintptr_t pc;
	uint32_t marks;
} known[KNOWN_MAX];

static thread_id followed = THREAD_NONE;
static int32_t withheld; /* of the budget */

bool steering;

void steering_init(void)
{
	steering = engine.board->config.steer[0] != 0 && engine.board->config.mode == MODE_CAMPAIGN;
}

uint32_t steering_marks(uintptr_t pc)
{
	const uint64_t *steer = engine.board->config.steer;
	struct known *entry = &known[hash_mix(pc) & (KNOWN_MAX - 1)];

	if (entry->pc != pc) {
		const uint64_t place = report_place(pc);

		entry->pc = pc;
		entry->marks = (place == steer[0] ? OP_STEER_ONE : 0U) |
			       (place == steer[1] ? OP_STEER_OTHER : 0U);
	}
	return entry->marks;
}

void steering_mark(struct op *op, uintptr_t pc)
{
	op->flags |= steering_marks(pc);
	op->args[1] = 0;
	engine_shared_key(op->object, &op->args[1]);
}

void steering_raced(uintptr_t earlier, uintptr_t later)
{
	const uint32_t first = steering_marks(earlier), second = steering_marks(later);

	if ((first & OP_STEER_ONE) && (second & OP_STEER_OTHER))
		engine.result->steer_orders |= 1;
	if ((first & OP_STEER_OTHER) && (second & OP_STEER_ONE))
		engine.result->steer_orders |= 2;
}

void steering_begin(void)
{
	followed = THREAD_NONE;
}

void steering_follow(void)
{
	if (followed == THREAD_NONE) {
		withheld = access_state.budget;
		access_state.budget = 0;
	}
	followed = engine_current->id;
}

bool steering_followed(uintptr_t pc)
{
	if (followed == THREAD_NONE)
		return false;
	access_state.budget += withheld;
	if (followed == engine_current->id)
		points_suggest(pc);
	followed = THREAD_NONE;
	return access_state.budget >= 0;
}

void steering_finish(struct schedule_result *r)
{
	r->met = steering && sched_steer_meetings(engine.strategy_state) != 0;
}
