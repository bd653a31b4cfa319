/* SPDX-License-Identifier: Apache-2.0 */
/* A growing set of event hashes: how many different schedules were seen by all workers together. */
#ifndef JOSTLE_TOOL_HASHES_H
#define JOSTLE_TOOL_HASHES_H

#include <stddef.h>
#include <stdint.h>

struct hashes {
	uint64_t *slots; /* 0 empty */
	size_t size;     /* a power of two, or 0 */
	size_t count;
};

/* All zero is an empty set. hash must not be 0. */
void hashes_add(struct hashes *hashes, uint64_t hash);
void hashes_fini(struct hashes *hashes);

#endif
