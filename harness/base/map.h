/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A hash table from uint64_t to uint64_t on memory that the caller gives, of fixed capacity.
 *
 * Two parts: the entries, dense and in the order of insertion, and an index of slots that finds
 * them by open addressing with linear probing. So walking a map never shows hash order, clearing
 * costs as much as there are entries, and an empty map of a million is free to clear.
 *
 * Removal moves the last entry into the hole. The order then depends on the sequence of operations
 * alone, which is still deterministic. Every key is allowed. No locking. Value pointers stay valid
 * until the next removal or clear.
 */
#ifndef JOSTLE_BASE_MAP_H
#define JOSTLE_BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct map_entry {
	uint64_t key;
	uint64_t value;
	uint32_t slot; /* where the index holds this entry */
};

struct map {
	struct map_entry *entries;
	uint32_t *slots; /* number of the entry plus one; 0 is empty */
	uint32_t slot_mask;
	uint32_t count;
	uint32_t capacity;
};

/* Bytes that a map of @capacity entries needs; at most 2^30 entries. */
size_t map_memory(uint32_t capacity);

/* @memory: map_memory(capacity) bytes, aligned to 8. Need not be zero. Owned by the caller. */
void map_init(struct map *map, void *memory, uint32_t capacity);

/* The value of @key, or NULL. */
uint64_t *map_get(const struct map *map, uint64_t key);

/*
 * The value of @key, which is inserted with 0 when it is absent; @fresh (may be NULL) says which.
 * NULL when it is absent and the map is full: the caller counts that loss.
 */
uint64_t *map_put(struct map *map, uint64_t key, bool *fresh);

/* False when the key was absent. */
bool map_remove(struct map *map, uint64_t key);

void map_clear(struct map *map);

/* @entry is a struct map_entry pointer; the map must not change meanwhile, values may. */
#define map_for_each(entry, map) \
	for ((entry) = (map)->entries; (entry) < (map)->entries + (map)->count; (entry)++)

#endif
