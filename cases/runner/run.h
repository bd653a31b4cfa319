/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs one case once: setup, threads or processes or body, join, observe, teardown.
 *
 * Natively the runner itself judges the outcome and the invariant at the end. Under jostle it
 * hands both to the engine's hooks, prints nothing, and leaves with 0: what was found is theirs to
 * say.
 */
#ifndef JOSTLE_CASES_RUN_H
#define JOSTLE_CASES_RUN_H

#include "catalogue.h"

enum run_status {
	RUN_PASSED = 0,
	RUN_FAILED = 1,     /* natively: a forbidden outcome or a broken invariant */
	RUN_IMPOSSIBLE = 2, /* setup failed, or a thread or process could not be made */
};

/*
 * Natively the process ends with RUN_FAILED when the case takes longer than timeout_s seconds (0:
 * no limit). Call it once per process: what hangs or crashes is not undone.
 */
enum run_status run_case(const struct entry *entry, unsigned timeout_s);

#endif
