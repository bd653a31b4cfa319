/* SPDX-License-Identifier: Apache-2.0 */
/* Calls on memory and chance are few and simple; see random.h. */
#include "engine/calls/random.h"

#include <errno.h>
#include <string.h>
#include <sys/uio.h>

#include "base/rng.h"
#include "engine/processes/shared.h"

/* One for all processes: a forked child draws other numbers than its parent. */
static struct rng stream SHARED_STATE;
static bool seeded SHARED_STATE;

void random_reset(void)
{
	seeded = false;
}

void random_fill(void *buffer, uint64_t size)
{
	unsigned char *to = buffer;

	if (!seeded)
		rng_seed(&stream, 0x6a6f73746c65);
	seeded = true;
	while (size > 0) {
		const uint64_t bits = rng_next(&stream);
		const uint64_t piece = size < sizeof(bits) ? size : sizeof(bits);

		memcpy(to, &bits, piece);
		to += piece;
		size -= piece;
	}
}

long random_read(const struct call *c)
{
	const struct iovec *vector = (const struct iovec *)c->args[1];
	long total = 0;

	if (c->nr == SYS_read || c->nr == SYS_pread64) {
		random_fill((void *)c->args[1], (uint64_t)c->args[2]);
		return c->args[2];
	}
	for (long i = 0; i < c->args[2]; i++) {
		random_fill(vector[i].iov_base, vector[i].iov_len);
		total += (long)vector[i].iov_len;
	}
	return total;
}

long call_getrandom(struct call *c)
{
	if (c->args[1] < 0 || (c->args[2] & ~7L))
		return -EINVAL;
	random_fill((void *)c->args[0], (uint64_t)c->args[1]);
	return c->args[1];
}
