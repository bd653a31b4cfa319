/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether what was found is what a case declares: pure comparison, no processes. Both directions:
 * what must be found was, and nothing else was; each mark is hit by a finding, and each finding
 * lands on a mark.
 */
#ifndef JOSTLE_TOOL_JUDGE_H
#define JOSTLE_TOOL_JUDGE_H

#include <stdbool.h>
#include <stdint.h>

#include "report/report.h"
#include "test/cases.h"
#include "test/disagree.h"

enum case_verdict {
	CASE_OK,
	CASE_FAILED,
	CASE_GAP,      /* missed, and declared as a known gap */
	CASE_SKIPPED,  /* needs a level that this run does not have */
	CASE_NOT_SEEN, /* on real threads, where missing a bug says nothing of the tool */
	CASE_VERDICT_COUNT
};

/* Flat, since it is handed from the process that explored to the one that prints. */
struct case_result {
	enum case_verdict verdict;
	bool done;
	bool may_improve;         /* failed for want of something that more schedules might show */
	char kind[24], cause[32]; /* of the finding that speaks for the case; "" none */
	char title[160];
	char levels[32]; /* at which it was run: "controlled instrumented" */
	char why[240];   /* why it failed, or the gap's reason; "" */
	uint64_t schedules;
	uint64_t first_schedule; /* of that finding */
	uint64_t event_hash;
	double seconds;
	struct tool_verdict tools[TOOL_COUNT]; /* of --under */
};

/* stories: of one or several explorations of the case. */
void judge_case(const struct case_entry *entry, struct story *const *stories, size_t count,
		struct case_result *result);

/*
 * The same of runs on real threads. They show what happened to happen, so a bug that did not show
 * is CASE_NOT_SEEN and no failure; marks need not be hit. But nothing else may show either: a
 * passing case is silent, and a broken one shows what it declares, or that it hangs where a
 * deadlock or livelock is declared. What the standard leaves undefined (a race, misuse, the use of
 * what is gone) is not looked for at that level and may show as anything.
 */
void judge_case_on_threads(const struct case_entry *entry, struct story *const *stories,
			   size_t count, struct case_result *result);
/* Whether runs on real threads look for that kind of bug. */
bool kind_shows_on_threads(const char *kind);
/* Whether the finding is what a broken variant says, as far as it can be told on real threads. */
bool judge_is_bug(const struct case_entry *entry, const struct story *story);

#endif
