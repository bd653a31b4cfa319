/* SPDX-License-Identifier: Apache-2.0 */
/* Where the step loop meets the detectors: it feeds them, and turns what they find into findings of
 * the schedule. */
#ifndef JOSTLE_ENGINE_DETECTORS_H
#define JOSTLE_ENGINE_DETECTORS_H

#include "event/thread.h"

void detectors_init(void);
void detectors_begin(void);
/* The thread performed an operation and holds more than one lock. */
void detectors_acquired(struct thread *t);
/* The schedule reached the step bound. */
void detectors_step_bound(void);
/* The program exited: locks held, threads not joined. */
void detectors_exit(void);

#endif
