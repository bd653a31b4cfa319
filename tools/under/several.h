/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One program below several detectors, one after the other, and one report of what they found:
 * merge.h says which of their findings are one. A detector that is not there or cannot run the
 * program is left out, which is said once, and in the report; what the others found stays, but a
 * result without findings is then none: the exit code is EXIT_UNCONTROLLED.
 */
#ifndef JOSTLE_UNDER_SEVERAL_H
#define JOSTLE_UNDER_SEVERAL_H

#include "under/under.h"

#define UNDER_TOOLS_MAX 8

struct under_tools {
	const struct under_tool *list[UNDER_TOOLS_MAX]; /* as they were named, each once */
	size_t count;
};

/* "helgrind,drd". Returns 0 or EXIT_USAGE, the reason having been said. */
int under_tools_read(struct under_tools *tools, const char *names);

/*
 * Runs and prints. exploration has options, plan, input and suppressions; argv is the program's and
 * tsan_build the program that ThreadSanitizer gets instead of argv[0], or NULL. Returns an exit
 * code, the reason having been said.
 */
int under_several(const struct under_tools *tools, const struct exploration *exploration,
		  char **argv, size_t argc, const char *tsan_build);

#endif
