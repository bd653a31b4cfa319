/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the program under test wrote in a schedule. Its standard output and error are memory files
 * that the command made (config.capture_*); after each schedule their contents are taken, put on
 * the board for a failing schedule, kept when the user asked for all, and the files are emptied.
 */
#ifndef JOSTLE_ENGINE_OUTPUT_H
#define JOSTLE_ENGINE_OUTPUT_H

#include <stdbool.h>

#include "record/board.h"

#define OUTPUT_KEPT_MAX (64U << 10)

void output_init(void);
/* Set whenever the program entered the kernel, or something was written on its behalf: only then
 * are the files looked at. */
extern bool output_touched;
/* Copies the schedule's output (standard output, then error) to the board's blob; {0, 0} when there
 * was none. */
struct board_piece output_save(void);
/* Ends the schedule's output: keeps it in full when the configuration says so, and empties the
 * files. */
void output_reset(uint64_t schedule, bool keep);

#endif
