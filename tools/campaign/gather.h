/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a campaign gathered from its boards. Workers split the schedules, targets die and are
 * replaced: each board that comes to its end is added here, and everything in it depends on which
 * schedules were run, not on who ran them or in which order the boards came.
 */
#ifndef JOSTLE_TOOL_GATHER_H
#define JOSTLE_TOOL_GATHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "campaign/hashes.h"
#include "campaign/slot.h"
#include "event/finding.h"
#include "symbols/modules.h"

/* The decisions of one schedule, as replaying needs them. */
struct decisions {
	uint16_t *choices;
	size_t choice_count;
	uint32_t *values;
	size_t value_count;
	uint64_t *points; /* learned places whose accesses were scheduling points */
	size_t point_count;
};

/* A finding of the campaign: the record of the first schedule that showed it, and how many did. */
struct found {
	struct finding finding;
	uint64_t first_schedule;
	uint64_t seed;
	uint64_t count;
	uint64_t event_hash;
	uint32_t steps;
	char strategy[32];
	struct decisions decisions; /* empty: the target died of it; found again by its number */
	char *output;
	size_t output_size;
};

struct gather {
	struct found *founds; /* sorted by gather_finish() */
	size_t found_count;
	struct hashes seen;
	struct board_note *notes; /* sorted by text */
	size_t note_count;
	struct board_outcome *outcomes; /* sorted by text */
	size_t outcome_count;
	uint64_t outcomes_lost;
	uint64_t schedules, event_hash, verified, mismatched, batches_redone, preemptions,
		findings_lost, kills, spoiled;
	uint64_t steer_met, steer_harmless, steer_orders[2]; /* as in board_status */
	uint64_t last_new, scheduled_points, switches, pages_dirty;
	uint32_t threads_max, steps_max, learned_steps_max, learned_threads_max;
	bool controlled;
	bool instrumented;
	bool addresses_fixed;   /* by the library: board_status */
	struct modules modules; /* of all targets */
	uint32_t reset;         /* enum board_reset, as the targets said */
	char snapshot_method[32];
};

/* All zero is an empty one. Each board once, when its last target has ended. Reads the board
 * without trusting it: a dead target may have written anything. */
void gather_add(struct gather *gather, const struct slot *slot);
/* A note of the command's own. Each text once, counts add up. */
void gather_note(struct gather *gather, const char *text, uint64_t count);
/* The outcomes of another one, which is finished; they are sorted again. */
void gather_add_outcomes(struct gather *gather, const struct gather *from);
/* Sorts, and drops the bare record of a death where the engine itself saw the same one. */
void gather_finish(struct gather *gather);
void gather_fini(struct gather *gather);

void decisions_copy(struct decisions *decisions, const struct board *board,
		    const struct board_finding *record);
void decisions_fini(struct decisions *decisions);

#endif
