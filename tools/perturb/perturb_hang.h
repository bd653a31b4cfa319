/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why a perturbed run stands: read off the board's table of what each thread waits for and holds.
 * A cycle of locks or joins, or a wake-up that came too early, is named a deadlock of that cause;
 * what the table cannot explain (a wait inside libc, an inline lock) is a hang.
 */
#ifndef JOSTLE_TOOL_PERTURB_HANG_H
#define JOSTLE_TOOL_PERTURB_HANG_H

#include <stdbool.h>

#include "record/perturb.h"

/* stands: every thread waits for another one; else the run was only too long. Fills kind, cause and
 * sites, not the key. */
void perturb_hang(const struct perturb_board *board, bool stands, struct finding *finding);

#endif
