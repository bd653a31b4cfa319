/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/access/points.h"

#include <stddef.h>

#include "engine/access/access.h"
#include "engine/access/steering.h"
#include "engine/processes/shared.h"
#include "engine/state.h"

#define PROMOTED_MAX 1024

static uintptr_t promoted[PROMOTED_MAX] SHARED_STATE; /* in this schedule */
static uint32_t promoted_count SHARED_STATE;
static uintptr_t pending[BOARD_POINTS_MAX]; /* of the schedules since something was learned */
static uint32_t pending_count;

/* True: the command told the places, as it does to a replay, to a process that runs a single
 * schedule, and to a campaign that goes on where another one ended. */
static bool take_told(void)
{
	struct board *b = engine.board;
	const uint64_t told = b->config.points.size / sizeof(uint64_t);

	if (told) {
		b->point_count = told < BOARD_POINTS_MAX ? (uint32_t)told : BOARD_POINTS_MAX;
		__builtin_memcpy(b->points, b->blob + b->config.points.offset,
				 b->point_count * sizeof(b->points[0]));
	}
	return told != 0;
}

/* A target that goes on where another one died finds on the board what that one had learned. */
void points_init(void)
{
	struct board *b = engine.board;

	if (BOARD_LOAD(b->status.state) == STATE_RUNNING)
		return; /* a program that a process of the schedule became */
	if (!take_told() && b->status.learned_steps_max == 0)
		b->point_count = 0;
	pending_count = 0;
	promoted_count = 0;
}

void points_begin(void)
{
	for (uint32_t i = 0; i < promoted_count; i++) {
		uint8_t *site = shadow_site(promoted[i]);

		if (*site == SITE_PROMOTED)
			*site = SITE_PLAIN;
	}
	promoted_count = 0;
	engine.result->point_count = 0;
	engine.result->points_known = engine.board->point_count;
}

bool points_learned(uintptr_t pc)
{
	const struct board *b = engine.board;
	const uint64_t place = report_place(pc);

	for (uint32_t i = 0; i < b->point_count; i++)
		if (b->points[i] == place)
			return true;
	return false;
}

void points_promote(uintptr_t pc)
{
	struct schedule_result *r = engine.result;
	uint8_t *site = shadow_site(pc);

	if (!site || *site == SITE_POINT || *site == SITE_PROMOTED ||
	    promoted_count == PROMOTED_MAX)
		return;
	*site = SITE_PROMOTED;
	promoted[promoted_count++] = pc;
	if (r->point_count < SCHEDULE_POINTS_MAX)
		r->points[r->point_count++] = pc;
}

void points_suggest(uintptr_t pc)
{
	struct schedule_result *r = engine.result;
	const uint8_t *site = shadow_site(pc);

	if (!site || *site == SITE_POINT || r->point_count == SCHEDULE_POINTS_MAX)
		return;
	for (uint32_t i = 0; i < r->point_count; i++)
		if (r->points[i] == pc)
			return;
	r->points[r->point_count++] = pc;
}

static void learn(void)
{
	struct board *b = engine.board;

	for (uint32_t i = 0; i < pending_count; i++) {
		uint8_t *site = shadow_site(pending[i]);

		if (b->point_count == BOARD_POINTS_MAX || !site || *site == SITE_POINT)
			continue;
		*site = SITE_POINT;
		b->points[b->point_count] = report_place(pending[i]);
		BOARD_STORE(b->point_count, b->point_count + 1);
	}
	pending_count = 0;
}

void points_tell(void)
{
	const struct schedule_result *r = engine.result;

	for (uint32_t i = 0; access_instrumented && i < r->point_count; i++)
		pending[pending_count++] = r->points[i];
	learn();
}

static bool is_power_of_two(uint64_t n)
{
	return (n & (n - 1)) == 0;
}

void points_settle(uint64_t number)
{
	const struct schedule_result *r = engine.result;

	/* A campaign that steers learns in its first batch, wherever that begins. */
	if (steering)
		number -= engine.board->config.first_batch * BOARD_BATCH;
	if (!access_instrumented || number >= BOARD_BATCH ||
	    engine.board->config.mode == MODE_REPLAY)
		return;
	for (uint32_t i = 0; i < r->point_count && pending_count < BOARD_POINTS_MAX; i++)
		pending[pending_count++] = r->points[i];
	if (is_power_of_two(number + 1))
		learn();
}

void points_forget(void)
{
	struct board *b = engine.board;

	if (!access_instrumented)
		return;
	pending_count = 0;
	BOARD_STORE(b->point_count, 0);
	take_told();
	shadow_clear_sites();
	promoted_count = 0;
}
