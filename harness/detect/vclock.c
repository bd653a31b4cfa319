/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/vclock.h"

#include <stddef.h>

#define ROOM_MIN 4

bool vclock_extend(struct vclock *clock, uint32_t count, struct arena *arena)
{
	uint32_t room = clock->room ? clock->room : ROOM_MIN;
	uint32_t *at = clock->at;

	while (room < count)
		room *= 2;
	if (room > clock->room) {
		at = arena_alloc(arena, room * sizeof(*at), sizeof(*at));
		if (!at)
			return false;
		for (uint32_t i = 0; i < clock->count; i++)
			at[i] = clock->at[i];
		clock->at = at;
		clock->room = room;
	}
	for (uint32_t i = clock->count; i < count; i++)
		at[i] = 0;
	clock->count = count;
	return true;
}

bool vclock_copy(struct vclock *to, const struct vclock *from, struct arena *arena)
{
	to->count = 0;
	if (!vclock_grow(to, from->count, arena))
		return false;
	for (uint32_t i = 0; i < from->count; i++)
		to->at[i] = from->at[i];
	return true;
}

bool vclock_join(struct vclock *to, const struct vclock *from, struct arena *arena)
{
	if (!vclock_grow(to, from->count, arena))
		return false;
	for (uint32_t i = 0; i < from->count; i++)
		if (from->at[i] > to->at[i])
			to->at[i] = from->at[i];
	return true;
}
