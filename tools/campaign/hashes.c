/* SPDX-License-Identifier: Apache-2.0 */
/* Open addressing; the elements are hashes already, so their low bits are the index. */
#include "campaign/hashes.h"

#include <stdlib.h>

#define SIZE_FIRST 1024

/* The slot that holds hash, or the empty one where it belongs. */
static uint64_t *find(const struct hashes *hashes, uint64_t hash)
{
	size_t at = hash & (hashes->size - 1);

	while (hashes->slots[at] && hashes->slots[at] != hash)
		at = (at + 1) & (hashes->size - 1);
	return &hashes->slots[at];
}

static void grow(struct hashes *hashes)
{
	struct hashes bigger = { .size = hashes->size ? hashes->size * 2 : SIZE_FIRST,
				 .count = hashes->count };

	bigger.slots = calloc(bigger.size, sizeof(uint64_t));
	if (!bigger.slots)
		abort();
	for (size_t i = 0; i < hashes->size; i++)
		if (hashes->slots[i])
			*find(&bigger, hashes->slots[i]) = hashes->slots[i];
	free(hashes->slots);
	*hashes = bigger;
}

void hashes_add(struct hashes *hashes, uint64_t hash)
{
	uint64_t *slot;

	if (hashes->count * 2 >= hashes->size)
		grow(hashes);
	slot = find(hashes, hash);
	if (*slot == hash)
		return;
	*slot = hash;
	hashes->count++;
}

void hashes_fini(struct hashes *hashes)
{
	free(hashes->slots);
	*hashes = (struct hashes){ 0 };
}
