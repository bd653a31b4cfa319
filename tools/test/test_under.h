/* SPDX-License-Identifier: Apache-2.0 */
/* `jostle test --under`: each case below other detectors, too. */
#ifndef JOSTLE_TOOL_TEST_UNDER_H
#define JOSTLE_TOOL_TEST_UNDER_H

#include "jostle/options.h"
#include "test/cases.h"
#include "test/judge.h"

/* Whether all detectors that options name are there. Returns 0, EXIT_USAGE or EXIT_UNCONTROLLED,
 * the reason having been said. */
int test_under_check(const struct options *options, const struct cases *cases);

/* Runs the case below each of them and fills result->tools. After test_case(). */
void test_under(const struct options *options, const struct cases *cases,
		const struct case_entry *entry, struct case_result *result);

#endif
