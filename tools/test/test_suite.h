/* SPDX-License-Identifier: Apache-2.0 */
/* The results of `jostle test` in the formats of CI systems. */
#ifndef JOSTLE_TOOL_TEST_SUITE_H
#define JOSTLE_TOOL_TEST_SUITE_H

#include "jostle/options.h"
#include "report/suite.h"
#include "test/judge.h"

/* Writes what --junit and --tap ask for. Returns 0 or EXIT_USAGE, the reason having been said. */
int test_suite_write(struct case_entry *const *entries, const struct case_result *results,
		     size_t count, const struct options *options);

#endif
