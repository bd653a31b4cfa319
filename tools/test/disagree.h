/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What another detector said of a case, beside what the case declares; and why they differ. Pure
 * comparison, no processes. A difference belongs to a class: something that this detector cannot
 * see, or cannot know, with a letter for the table and a sentence that cases/README.md repeats. A
 * class is given by a rule over detector, kind of report and tags of the case, never by the name of
 * a case; what no rule covers is unexplained, and fails.
 */
#ifndef JOSTLE_TOOL_DISAGREE_H
#define JOSTLE_TOOL_DISAGREE_H

#include <stdbool.h>
#include <stdint.h>

#include "report/story.h"
#include "test/cases.h"

enum test_tool { TOOL_NONE, TOOL_HELGRIND, TOOL_DRD, TOOL_TSAN, TOOL_COUNT };

#define DISAGREE_MARKS_MAX 4
#define DISAGREE_UNKNOWN   '?'

/* Flat, as struct case_result. All zero: the detector was not asked. */
struct tool_verdict {
	bool ran;
	bool found;                         /* of a broken variant: its bug was told */
	bool other;                         /* something was told that is not declared */
	char kind[24], title[160];          /* of that, or else of the bug; "" when it was silent */
	char marks[DISAGREE_MARKS_MAX + 1]; /* classes of the differences; "" when there is none */
	char why[240];                      /* why it did not run; or what is unexplained */
	uint64_t runs, shown;               /* shown: how many runs told what title says */
	double seconds;
};

struct disagreement {
	char mark;
	const char *title; /* a few words */
	const char *text;  /* a sentence or two */
};

extern const struct disagreement disagreements[]; /* the last has no mark */

/*
 * Fills all but ran, runs and seconds. jostle_found: what is declared was found by the exploration
 * of the same command, so that a schedule which shows it exists.
 */
void disagree_judge(const struct case_entry *entry, enum test_tool tool,
		    struct story *const *stories, size_t count, bool jostle_found,
		    struct tool_verdict *verdict);

/* Ran, and differs from the declaration without a reason. */
bool disagree_is_unexplained(const struct tool_verdict *verdict);
/* "helgrind"; the order is that of the columns. */
const char *test_tool_name(enum test_tool tool);

#endif
