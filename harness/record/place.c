/* SPDX-License-Identifier: Apache-2.0 */
#include "record/place.h"

#include <string.h>

#include "base/hash.h"

static uint64_t basename_hash(const char *path)
{
	const char *name = path;

	for (const char *at = path; *at; at++)
		if (*at == '/')
			name = at + 1;
	return hash_bytes(HASH_START, name, strlen(name));
}

uint64_t place_of(const struct board *board, uint64_t pc)
{
	for (uint32_t i = 0; i < board->status.module_count && i < BOARD_MODULES_MAX; i++)
		if (pc >= board->modules[i].start && pc < board->modules[i].end)
			return hash_fold(basename_hash(board->modules[i].path),
					 pc - board->modules[i].base);
	return pc & 0xfff;
}
