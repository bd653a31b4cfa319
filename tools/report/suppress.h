/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is known and shall not count: rules that somebody wrote (KIND:GLOB, one in a line, # begins
 * a comment, KIND may be *), and the titles in the JSON of an earlier run. Files that are meant for
 * another detector are told apart, so that they can be passed on to it.
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
	char **valgrind_files; /* paths of files in Valgrind's format, of which no rules were read
				*/
	size_t valgrind_count;
	char **tsan_files; /* of those whose rules are all of ThreadSanitizer's kinds */
	size_t tsan_count;
	char *tsan_only; /* the first rule of a kind that only ThreadSanitizer knows; or NULL */
};

/* baseline_file may be NULL. Returns 0 or EXIT_USAGE, the reason having been said; nothing is held
 * then. */
int suppressions_read(struct suppressions *suppressions, const char *const *rules_files,
		      size_t file_count, const char *baseline_file);
/* Returns EXIT_USAGE, having said why, when there are rules that only another detector can follow,
 * else 0. */
int suppressions_check_own(const struct suppressions *suppressions);
void suppressions_fini(struct suppressions *suppressions);

/* The first rule that matches the title, or a function or file in the stack of a site; NULL: none.
 * Lives as long as suppressions. */
const char *suppressions_match(const struct suppressions *suppressions, const struct story *story);
/* The same without any file: library_race.c. */
const char *library_race(const struct story *story);
bool suppressions_in_baseline(const struct suppressions *suppressions, const struct story *story);

#endif
