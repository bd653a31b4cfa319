/* SPDX-License-Identifier: Apache-2.0 */
/*
 * At most half of the slots are taken, so a probe is short. A removal closes the hole by shifting
 * back the followers that may stand in it (Knuth, TAOCP 3, algorithm 6.4R): no tombstones.
 */
#include "base/map.h"

#include <string.h>

#include "base/hash.h"
#include "base/insist.h"

#define CAPACITY_MAX (1u << 30)

static uint32_t slots_for(uint32_t capacity)
{
	uint32_t slots = 8;

	while (slots < 2 * (uint64_t)capacity)
		slots *= 2;
	return slots;
}

size_t map_memory(uint32_t capacity)
{
	insist(capacity <= CAPACITY_MAX);
	return capacity * sizeof(struct map_entry) + slots_for(capacity) * sizeof(uint32_t);
}

void map_init(struct map *map, void *memory, uint32_t capacity)
{
	const uint32_t slots = slots_for(capacity);

	insist(capacity <= CAPACITY_MAX);
	map->entries = memory;
	map->slots = (uint32_t *)(void *)(map->entries + capacity);
	map->slot_mask = slots - 1;
	map->count = 0;
	map->capacity = capacity;
	memset(map->slots, 0, slots * sizeof(uint32_t));
}

static uint32_t home_slot(const struct map *map, uint64_t key)
{
	return (uint32_t)hash_mix(key) & map->slot_mask;
}

/* The slot that holds @key, or the empty one where it would go. */
static uint32_t find_slot(const struct map *map, uint64_t key)
{
	uint32_t slot = home_slot(map, key);

	while (map->slots[slot] != 0 && map->entries[map->slots[slot] - 1].key != key)
		slot = (slot + 1) & map->slot_mask;
	return slot;
}

uint64_t *map_get(const struct map *map, uint64_t key)
{
	const uint32_t slot = find_slot(map, key);

	return map->slots[slot] == 0 ? NULL : &map->entries[map->slots[slot] - 1].value;
}

uint64_t *map_put(struct map *map, uint64_t key, bool *fresh)
{
	const uint32_t slot = find_slot(map, key);
	const bool absent = map->slots[slot] == 0;
	struct map_entry *entry;

	if (fresh)
		*fresh = absent;
	if (!absent)
		return &map->entries[map->slots[slot] - 1].value;
	if (map->count == map->capacity)
		return NULL;
	entry = &map->entries[map->count++];
	*entry = (struct map_entry){ .key = key, .slot = slot };
	map->slots[slot] = map->count;
	return &entry->value;
}

/* Empties @hole and moves back every follower whose home does not lie behind the hole. */
static void close_slot(struct map *map, uint32_t hole)
{
	uint32_t at = hole;

	for (;;) {
		struct map_entry *entry;
		uint32_t home;

		at = (at + 1) & map->slot_mask;
		if (map->slots[at] == 0)
			break;
		entry = &map->entries[map->slots[at] - 1];
		home = home_slot(map, entry->key);
		/* Distances, so that wrapping around the end of the table needs no case. */
		if (((at - home) & map->slot_mask) < ((at - hole) & map->slot_mask))
			continue;
		map->slots[hole] = map->slots[at];
		entry->slot = hole;
		hole = at;
	}
	map->slots[hole] = 0;
}

bool map_remove(struct map *map, uint64_t key)
{
	const uint32_t slot = find_slot(map, key);
	struct map_entry *removed, *last;

	if (map->slots[slot] == 0)
		return false;
	removed = &map->entries[map->slots[slot] - 1];
	close_slot(map, slot);
	last = &map->entries[--map->count];
	if (last != removed) {
		*removed = *last;
		map->slots[removed->slot] = (uint32_t)(removed - map->entries) + 1;
	}
	return true;
}

void map_clear(struct map *map)
{
	for (uint32_t i = 0; i < map->count; i++)
		map->slots[map->entries[i].slot] = 0;
	map->count = 0;
}
