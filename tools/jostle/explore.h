/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One exploration, as `run` does it and as `test` does it for each case: a campaign, each finding
 * replayed in a fresh process, its story told, its failure file written.
 */
#ifndef JOSTLE_TOOL_EXPLORE_H
#define JOSTLE_TOOL_EXPLORE_H

#include "campaign/input.h"
#include "report/report.h"
#include "report/suppress.h"

struct exploration {
	const struct options *options;
	const struct target *target;
	struct plan plan;
	const char *input;                       /* --stdin, or NULL for the command's own */
	const struct input *opened;              /* that is open already; NULL: open input */
	bool null_input;                         /* do not look at standard input at all */
	const char *out;                         /* directory of failure files; NULL: write none */
	const struct suppressions *suppressions; /* may be NULL */
};

/* The plan that options describe. Returns 0 or EXIT_USAGE, the reason having been said. */
int plan_from_options(struct plan *plan, const struct options *options, struct pool *pool);

/*
 * Explores and fills report, which report_fini() empties. Returns EXIT_CLEAN or EXIT_FOUND by
 * report->counted, EXIT_USAGE when a failure file could not be written (the report is complete
 * nevertheless), or EXIT_UNCONTROLLED; reasons have been said.
 */
int explore(const struct exploration *exploration, struct report *report);
/* The exit code of what was found, or of why nothing can be said; the reason is told. */
int explore_code(const struct exploration *exploration, const struct report *report);
/* The part of it that needs no knowledge of what ran: false, when *code depends on that. */
bool explore_is_settled(const struct exploration *exploration, const struct report *report,
			int *code);
/* One more story of the report, whose array has room: numbers it, and says whether it is known. */
void explore_add(const struct exploration *exploration, struct report *report, struct story *story);
/* Counts it for the exit code, if it does count. */
void explore_count(const struct exploration *exploration, struct report *report,
		   const struct story *story);
/* Writes the report in each form that its options ask for. code is what explore() returned; the
 * result is it, or EXIT_USAGE when something could not be written, the reason having been said. */
int explore_print(const struct report *report, int code);
void report_fini(struct report *report);

#endif
