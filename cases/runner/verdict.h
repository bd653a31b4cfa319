/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Judges one run: invariants while it lasts (when an engine calls us), invariants and outcome at
 * its end. Begin and end are called by the main thread while no other thread of the case runs;
 * between them the engine may ask about the invariants whenever every thread stands still.
 */
#ifndef JOSTLE_CASES_VERDICT_H
#define JOSTLE_CASES_VERDICT_H

#include "catalogue.h"

/* After setup. hooks is NULL natively. */
void verdict_begin(const struct entry *entry, struct jostle_state *state,
		   const struct jostle_hooks *hooks);

/* Before teardown. False when an invariant does not hold or the outcome is forbidden; that was
 * then printed, or told to the engine. */
int verdict_end(void);

#endif
