/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a target hangs: the engine cannot say, since the program does not call it any more. The
 * command looks from outside, as a debugger does, before it ends the target.
 */
#ifndef JOSTLE_TOOL_HANG_H
#define JOSTLE_TOOL_HANG_H

#include "campaign/worker.h"

/*
 * Stops the target for good and puts its registers and stack on the board, as the running thread's
 * stack at the end. Without permission to look (a container) nothing is added. The target must be
 * killed afterwards.
 */
void hang_capture(struct worker *worker);

/* The thread that ran last, by the decisions on the board; THREAD_NONE when there are none. */
unsigned hang_thread(const struct board *board);

#endif
