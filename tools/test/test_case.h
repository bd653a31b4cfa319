/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One case of the catalogue, explored at each level that fits it and judged. What needs switches
 * between memory accesses, and what a race detector alone can see, is shown by the instrumented
 * catalogue; a passing case must be silent at both levels; the others show at the controlled one,
 * where a bug that is no race must be found without help.
 */
#ifndef JOSTLE_TOOL_TEST_CASE_H
#define JOSTLE_TOOL_TEST_CASE_H

#include "jostle/options.h"
#include "test/cases.h"
#include "test/judge.h"

/* Fills result. --level controlled or instrumented in options leaves one level; a case that it does
 * not fit is skipped. */
void test_case(const struct options *options, const struct cases *cases,
	       const struct case_entry *entry, struct case_result *result);

/* Does it show where accesses are seen alone: in the instrumented catalogue? */
bool case_needs_accesses(const struct case_entry *entry);

/* The options of one exploration of a case: given, as far as that speaks of cases. */
void case_options(struct options *options, const struct options *given,
		  const struct case_entry *entry, uint64_t schedules, bool until_first);

/* Sets gone in the marks of races whose line has no access in the instrumented catalogue, and
 * counts them. */
void test_find_gone(struct cases *cases, size_t *gone);

#endif
