/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is known and shall not count: rules that somebody wrote (KIND:GLOB, one in a line, # begins
 * a comment, KIND may be *), and the titles in the JSON of an earlier run.
 */
#ifndef JOSTLE_REPORT_SUPPRESS_H
#define JOSTLE_REPORT_SUPPRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "report/story.h"

struct suppressions {
	struct suppression {
		char *kind, *glob, *rule; /* rule: the line as written */
	} * rules;
	size_t rule_count;
	char **baseline; /* titles */
	size_t baseline_count;
};

/* Either file may be NULL. Returns 0 or EXIT_USAGE, the reason having been said; nothing is held
 * then. */
int suppressions_read(struct suppressions *suppressions, const char *rules_file,
		      const char *baseline_file);
void suppressions_fini(struct suppressions *suppressions);

/* The first rule that matches the title, or a function or file in the stack of a site; NULL: none.
 * Lives as long as suppressions. */
const char *suppressions_match(const struct suppressions *suppressions, const struct story *story);
bool suppressions_in_baseline(const struct suppressions *suppressions, const struct story *story);

#endif
