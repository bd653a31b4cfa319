/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Places of the program's code as numbers that are equal in every process, for every address layout
 * and whoever computes them: module and offset, mixed. The engine puts them into keys of findings
 * and into the list of scheduling points, the command into its questions to a replay.
 */
#ifndef JOSTLE_RECORD_PLACE_H
#define JOSTLE_RECORD_PLACE_H

#include <stdint.h>

#include "record/board.h"

/* pc is an address of the process that filled the board's module list. An address in no module
 * gives its offset within a page. */
uint64_t place_of(const struct board *board, uint64_t pc);

#endif
