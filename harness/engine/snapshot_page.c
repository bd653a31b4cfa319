/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making a run zero again.
 *
 * A schedule touches few lines of a stack's page. Looking whether a block is still zero is cheaper
 * than writing it, with the wide loads of AVX2, and dirties nothing. Elsewhere, and for runs of
 * which most blocks were used, it is memset. (For runs with a copy the same does not pay: it reads
 * twice as much, and memcpy is faster than that.)
 */
#include <stdbool.h>
#include <string.h>

#include "engine/snapshot_layout.h"

#if defined(__x86_64__)
enum {
	PLAIN_CLEARS = 64, /* until a run that was used all over is looked at again */
};

typedef long long wide_word __attribute__((vector_size(32), aligned(32)));

#define WORDS ((int)(CLEAR_BLOCK / sizeof(wide_word)))

/* Clears those blocks that are not zero; how many there were. */
__attribute__((target("avx2"))) static size_t clear_blocks(const struct run *run)
{
	const wide_word zero = { 0 };
	size_t used = 0;

	for (size_t at = 0; at < run->bytes; at += CLEAR_BLOCK) {
		wide_word *to = (wide_word *)(void *)(run->to + at);
		wide_word any = to[0];

#pragma GCC unroll 16
		for (int i = 1; i < WORDS; i++)
			any |= to[i];
		if (__builtin_ia32_ptestz256(any, any))
			continue;
#pragma GCC unroll 16
		for (int i = 0; i < WORDS; i++)
			to[i] = zero;
		used++;
	}
	/* The next schedule would find in its registers what this one left on its stacks, and lazy
	 * binding would put it on a stack again. */
	__builtin_ia32_vzeroall();
	return used;
}

static bool can_look(const struct run *run)
{
	static int wide = -1;

	if (wide < 0)
		wide = __builtin_cpu_supports("avx2") != 0;
	return wide && run->bytes % CLEAR_BLOCK == 0 && (uintptr_t)run->to % sizeof(wide_word) == 0;
}

void snapshot_clear(struct run *run)
{
	if (run->plain > 0) {
		run->plain--;
	} else if (!can_look(run)) {
		run->plain = UINT32_MAX;
	} else {
		if (clear_blocks(run) > run->bytes / CLEAR_BLOCK / 2)
			run->plain = PLAIN_CLEARS;
		return;
	}
	memset(run->to, 0, run->bytes);
}
#else
void snapshot_clear(struct run *run)
{
	memset(run->to, 0, run->bytes);
}
#endif
