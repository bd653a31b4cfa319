/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The only source of chance: xoshiro256** (Blackman and Vigna, "Scrambled linear pseudorandom
 * number generators", 2021), seeded by splitmix64 so that seeds 1, 2, 3 give unrelated streams.
 *
 * A generator is plain memory: copying the struct copies the stream, which is how a schedule is
 * restarted. Equal seeds give equal streams on every machine. Not for secrets.
 */
#ifndef JOSTLE_BASE_RNG_H
#define JOSTLE_BASE_RNG_H

#include <stdint.h>

struct rng {
	uint64_t s[4];
};

/* Every seed is valid, zero included. */
void rng_seed(struct rng *rng, uint64_t seed);

/*
 * The seed of stream @index below @seed (one stream for each schedule of a campaign). Streams do
 * not depend on each other, so schedule 5,000 can be started without the 4,999 before it.
 */
uint64_t rng_derive(uint64_t seed, uint64_t index);

static inline uint64_t rng_rotate_left(uint64_t x, int bits)
{
	return (x << bits) | (x >> (64 - bits));
}

/* The next 64 uniform bits. */
static inline uint64_t rng_next(struct rng *rng)
{
	uint64_t *s = rng->s;
	const uint64_t result = rng_rotate_left(s[1] * 5, 7) * 9;
	const uint64_t shifted = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= shifted;
	s[3] = rng_rotate_left(s[3], 45);
	return result;
}

/*
 * Uniform in [0, bound), without modulo bias (Lemire, "Fast random integer generation in an
 * interval", 2019). A bound of 0 or 1 gives 0; a bound of 1 still consumes one number, so that the
 * stream's position depends on the number of questions, not on the answers possible.
 */
static inline uint32_t rng_below(struct rng *rng, uint32_t bound)
{
	uint64_t product = (rng_next(rng) >> 32) * bound;

	if ((uint32_t)product < bound) {
		const uint32_t threshold = (0u - bound) % bound;

		while ((uint32_t)product < threshold)
			product = (rng_next(rng) >> 32) * bound;
	}
	return (uint32_t)(product >> 32);
}

/* Uniform in [0, 1), with 53 random bits. */
static inline double rng_unit(struct rng *rng)
{
	return (double)(rng_next(rng) >> 11) * 0x1.0p-53;
}

#endif
