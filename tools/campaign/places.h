/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The places whose accesses are scheduling points (engine/access/access.h), as the command learns
 * them for the exec reset, whose processes each run one schedule. A sorted set: who reported first
 * does not matter.
 */
#ifndef JOSTLE_TOOL_PLACES_H
#define JOSTLE_TOOL_PLACES_H

#include <stddef.h>
#include <stdint.h>

#include "record/board.h"

/* All zero is an empty one. */
struct places {
	uint64_t *at;
	size_t count;
};

/* What the ended target had been told and what it learned. */
void places_add(struct places *places, const struct board *board);
/* Of these alone. */
void places_set(struct places *places, const uint64_t *at, size_t count);
/* to becomes equal to from. */
void places_copy(struct places *to, const struct places *from);
void places_fini(struct places *places);

#endif
