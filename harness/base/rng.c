/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Seeding by splitmix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators",
 * 2014): a counter in steps of the golden ratio through a bijective mixer. Four consecutive outputs
 * are never all zero, the one state that xoshiro256** cannot leave.
 */
#include "base/rng.h"

#define GOLDEN_RATIO 0x9e3779b97f4a7c15ull

static uint64_t splitmix64_finish(uint64_t x)
{
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
	return x ^ (x >> 31);
}

void rng_seed(struct rng *rng, uint64_t seed)
{
	for (int i = 0; i < 4; i++) {
		seed += GOLDEN_RATIO;
		rng->s[i] = splitmix64_finish(seed);
	}
}

uint64_t rng_derive(uint64_t seed, uint64_t index)
{
	/* Both go through the mixer, so neighbours in either argument are unrelated. */
	return splitmix64_finish(splitmix64_finish(seed + GOLDEN_RATIO) +
				 (index + 1) * GOLDEN_RATIO);
}
