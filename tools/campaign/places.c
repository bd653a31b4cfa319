/* SPDX-License-Identifier: Apache-2.0 */
#include "campaign/places.h"

#include <stdlib.h>
#include <string.h>

static void resize(struct places *places, size_t count)
{
	uint64_t *at = reallocarray(places->at, count + 1, sizeof(*at));

	if (!at)
		abort();
	places->at = at;
}

static void add(struct places *places, uint64_t place)
{
	size_t at = 0;

	while (at < places->count && places->at[at] < place)
		at++;
	if (at < places->count && places->at[at] == place)
		return;
	if (places->count == BOARD_POINTS_MAX)
		return;
	resize(places, places->count + 1);
	memmove(&places->at[at + 1], &places->at[at], (places->count - at) * sizeof(place));
	places->at[at] = place;
	places->count++;
}

void places_add(struct places *places, const struct board *board)
{
	const uint32_t count = BOARD_LOAD(board->point_count);

	for (uint32_t i = 0; i < count && i < BOARD_POINTS_MAX; i++)
		add(places, board->points[i]);
}

void places_set(struct places *places, const uint64_t *at, size_t count)
{
	places->count = 0;
	for (size_t i = 0; i < count; i++)
		add(places, at[i]);
}

void places_copy(struct places *to, const struct places *from)
{
	resize(to, from->count);
	if (from->count)
		memcpy(to->at, from->at, from->count * sizeof(from->at[0]));
	to->count = from->count;
}

void places_fini(struct places *places)
{
	free(places->at);
	*places = (struct places){ 0 };
}
