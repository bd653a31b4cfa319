/* SPDX-License-Identifier: Apache-2.0 */
/* What a target that was killed left in the machine's name spaces. */
#ifndef JOSTLE_TOOL_LEFT_H
#define JOSTLE_TOOL_LEFT_H

#include "record/board.h"

/* Removes what stands on the board; the target has ended. A path is removed only when it is one of
 * shared memory, a FIFO or a socket: the target may have written anything. */
void left_remove(struct board *board);

#endif
