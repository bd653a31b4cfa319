/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files of a board's modules, opened by libdw. Reading the debug information of libc takes
 * longer than a small campaign, and a command of many campaigns needs the same files in each: the
 * last ones stay open until others need their place. One thread.
 */
#ifndef JOSTLE_TOOL_DEBUG_INFO_H
#define JOSTLE_TOOL_DEBUG_INFO_H

#include <elfutils/libdwfl.h>
#include <stdint.h>

#include "record/board.h"

struct debug_info {
	Dwfl *dwfl;
	/* What a running unwind reads; the argument of libdw's callbacks. */
	struct unwound {
		const struct board *board;
		const struct board_stack *stack;
		bool trapped; /* the next frame is of what was interrupted */
	} unwound;
};

/* The modules that have a path, where they were loaded. What cannot be opened has no names; NULL
 * when libdw could not be started. Whoever took it has it alone. */
struct debug_info *debug_info_take(const struct board_module *modules, uint32_t count);
void debug_info_give_back(struct debug_info *info); /* NULL is fine */

#endif
