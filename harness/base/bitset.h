/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A set of small integers as bits in words that the caller owns: uint64_t words[BITSET_WORDS(n)].
 * Every function takes the words and never looks past BITSET_WORDS(bits) of them.
 */
#ifndef JOSTLE_BASE_BITSET_H
#define JOSTLE_BASE_BITSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BITSET_WORDS(bits) (((bits) + 63u) / 64u)

static inline void bitset_add(uint64_t *words, uint32_t bit)
{
	words[bit / 64] |= 1ull << (bit % 64);
}

static inline void bitset_remove(uint64_t *words, uint32_t bit)
{
	words[bit / 64] &= ~(1ull << (bit % 64));
}

static inline bool bitset_has(const uint64_t *words, uint32_t bit)
{
	return (words[bit / 64] >> (bit % 64)) & 1;
}

static inline void bitset_clear(uint64_t *words, uint32_t bits)
{
	for (uint32_t i = 0; i < BITSET_WORDS(bits); i++)
		words[i] = 0;
}

static inline uint32_t bitset_count(const uint64_t *words, uint32_t bits)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < BITSET_WORDS(bits); i++)
		count += (uint32_t)__builtin_popcountll(words[i]);
	return count;
}

/* The least member that is >= @from, or @bits when there is none. */
static inline uint32_t bitset_next(const uint64_t *words, uint32_t bits, uint32_t from)
{
	uint64_t word;

	if (from >= bits)
		return bits;
	word = words[from / 64] & (~0ull << (from % 64));
	for (uint32_t i = from / 64;;) {
		if (word != 0) {
			const uint32_t bit = i * 64 + (uint32_t)__builtin_ctzll(word);

			return bit < bits ? bit : bits;
		}
		if (++i >= BITSET_WORDS(bits))
			return bits;
		word = words[i];
	}
}

static inline bool bitset_empty(const uint64_t *words, uint32_t bits)
{
	return bitset_next(words, bits, 0) == bits;
}

/* Adds all of @other. */
static inline void bitset_unite(uint64_t *words, const uint64_t *other, uint32_t bits)
{
	for (uint32_t i = 0; i < BITSET_WORDS(bits); i++)
		words[i] |= other[i];
}

/* Keeps what is in @other too. */
static inline void bitset_intersect(uint64_t *words, const uint64_t *other, uint32_t bits)
{
	for (uint32_t i = 0; i < BITSET_WORDS(bits); i++)
		words[i] &= other[i];
}

static inline bool bitset_disjoint(const uint64_t *a, const uint64_t *b, uint32_t bits)
{
	for (uint32_t i = 0; i < BITSET_WORDS(bits); i++)
		if (a[i] & b[i])
			return false;
	return true;
}

/* Members in ascending order; @bit is a uint32_t variable. Removing the current one is allowed. */
#define bitset_for_each(bit, words, bits)                             \
	for ((bit) = bitset_next((words), (bits), 0); (bit) < (bits); \
	     (bit) = bitset_next((words), (bits), (bit) + 1))

#endif
