/* SPDX-License-Identifier: Apache-2.0 */
/* A schedule that was run twice and came out differently: in words, where. */
#ifndef JOSTLE_TOOL_DIFFERS_H
#define JOSTLE_TOOL_DIFFERS_H

#include <stddef.h>

#include "record/board.h"

/* "step 10: T4 reads from fd 8 at f() (x.c:3), which gave 326 once and 322 the other time"; "" when
 * the board does not know. Always terminated. */
void differs_tell(const struct board *board, char *text, size_t size);

#endif
