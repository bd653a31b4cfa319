/* SPDX-License-Identifier: Apache-2.0 */
/* What a process tells itself over an exec(2); one at a time, the holder of the baton. */
#ifndef JOSTLE_ENGINE_EXEC_HANDOVER_H
#define JOSTLE_ENGINE_EXEC_HANDOVER_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/descriptors/fd.h"

struct exec_handover {
	uint8_t classes[FD_MAX]; /* enum fd_class */
	uint64_t blocked, pending, ignored;
	bool first; /* it is P0, in which the schedule ends */
};

extern struct exec_handover exec_handover;

#endif
