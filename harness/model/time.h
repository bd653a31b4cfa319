/* SPDX-License-Identifier: Apache-2.0 */
/* Models of OP_SLEEP (until op.deadline_ns) and OP_CLOCK_READ. */
#ifndef JOSTLE_MODEL_TIME_H
#define JOSTLE_MODEL_TIME_H

#include "model/world.h"

enum model_step model_sleep(struct world *, struct thread *);
enum model_step model_clock_read(struct world *, struct thread *);

#endif
