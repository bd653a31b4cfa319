/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 64-bit mixing, for tables and for the event hash that tells two runs apart.
 *
 * hash_mix() is a bijection of one multiplication between two xor-shifts: a few cycles, and two
 * different inputs never collide. One round is not a cryptographic or even a perfect avalanche; it
 * brings the influence of every input bit into the low half, which is what tables index with, and
 * chained rounds (hash_fold) spread every bit everywhere. Values are equal on all machines.
 */
#ifndef JOSTLE_BASE_HASH_H
#define JOSTLE_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/* The start value of a fold; any other constant does as well. */
#define HASH_START 0x243f6a8885a308d3ull

static inline uint64_t hash_mix(uint64_t x)
{
	x ^= x >> 32;
	x *= 0xd6e8feb86659fd93ull;
	x ^= x >> 32;
	return x;
}

/* Appends @x to the sequence whose hash is @hash: order matters, length matters. */
static inline uint64_t hash_fold(uint64_t hash, uint64_t x)
{
	return hash_mix((hash ^ x) + 0x9e3779b97f4a7c15ull);
}

/* Folds @size bytes; for names and paths, not for the hot path. */
static inline uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t size)
{
	const unsigned char *next = (const unsigned char *)bytes;

	for (size_t i = 0; i < size; i++)
		hash = hash_fold(hash, next[i]);
	return hash_fold(hash, size);
}

#endif
