/* SPDX-License-Identifier: Apache-2.0 */
/* One line on a terminal while a campaign runs: how many schedules, how fast, how many different
 * ones, what was found. */
#ifndef JOSTLE_TOOL_PROGRESS_H
#define JOSTLE_TOOL_PROGRESS_H

#include <stdint.h>

#include "campaign/gather.h"
#include "campaign/worker.h"

struct progress {
	uint64_t started_ns, shown_ns;
	uint64_t distinct, new_ns; /* when a new schedule was last seen */
	uint64_t rate_schedules, rate_ns;
	double rate;
	bool visible;
};

void progress_init(struct progress *progress, uint64_t now_ns);
/* Writes at most five times a second. Reads live boards: approximate, and never in a report. */
void progress_show(struct progress *progress, const struct gather *gather,
		   const struct worker *workers, uint32_t count, uint64_t now_ns);
/* The same with a line of the caller's own, cut at the terminal's width. */
void progress_line(struct progress *progress, const char *text, uint64_t now_ns);
/* The same on real threads, of so many runs (BOARD_NO_SCHEDULE: as many as the time allows). */
void progress_show_runs(struct progress *progress, const struct gather *gather, uint64_t runs,
			uint64_t now_ns);
void progress_erase(struct progress *progress);

#endif
