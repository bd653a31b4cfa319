/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A program below another detector, on real threads, many times with seeded perturbation: the loop
 * is that of the perturbed level (perturb/perturb_campaign.h), each run is started below the
 * detector, and what the detector wrote of it becomes findings like all others, merged over the
 * runs by their pair of sites.
 *
 *	struct exploration exploration = { .options, .target, .plan, ... .out = NULL };
 *	struct report report;
 *
 *	tool = under_tool_find("helgrind");
 *	code = under_open(tool, &target, argv, argc);
 *	code = under_run(&exploration, tool, &report);
 *	... report.stories: kind, cause, sites; count of schedules runs showed each ...
 *	report_fini(&report);
 *
 * One at a time, in one thread.
 */
#ifndef JOSTLE_UNDER_UNDER_H
#define JOSTLE_UNDER_UNDER_H

#include "campaign/verify.h"
#include "jostle/explore.h"

#define UNDER_RUNS_DEFAULT 10

/* One detector: helgrind.c, drd.c, memcheck.c, tsan.c, none.c. */
struct under_tool;

/* "helgrind", "drd", "tsan", "memcheck", "none"; NULL: there is no such detector. */
const struct under_tool *under_tool_find(const char *name);
/* The detector's number i by name, NULL behind the last one. */
const char *under_tool_name(size_t i);

/* As target_open(), and whether the detector is there and can run the program. */
int under_open(const struct under_tool *tool, struct target *target, char **argv, size_t argc);

/*
 * Runs plan.schedules runs, at most for plan.time_ns, and fills report, which report_fini()
 * empties. Number, seed and strategies of the runs follow from plan.seed as at the perturbed level;
 * run 0 is not perturbed and shows how long the others may take. The suppressions' files of the
 * detector's own format are passed on to it. No failure files are written: under_write_failure().
 * Returns as explore(): EXIT_CLEAN or EXIT_FOUND by report->counted, EXIT_USAGE or
 * EXIT_UNCONTROLLED, reasons having been said.
 */
int under_run(const struct exploration *exploration, const struct under_tool *tool,
	      struct report *report);

/* What one detector ran. */
struct under_part {
	const struct target *target;
	const struct campaign *campaign;
};

/*
 * Writes the failure file of a story that part's runs showed, into exploration.out unless that is
 * NULL; story->file is then its path. exploration.opened is the standard input that the runs had.
 * Returns 0 or EXIT_USAGE, the reason having been said.
 */
int under_write_failure(const struct exploration *exploration, struct report *report,
			struct story *story, const struct under_part *part);

/* A finding that is run again below its detector. */
struct under_again {
	const struct under_tool *tool;
	const struct plan *plan;
	const struct found *found;
	struct launch *launch;
	bool rebuilt;
	struct pool *pool; /* of the story */
};

/* Returns what came of it; *story is what the detector told when it was shown again. */
struct verification under_again(const struct under_again *again, struct story **story);

#endif
