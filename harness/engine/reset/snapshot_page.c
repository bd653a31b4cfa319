/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making a run zero again.
 *
 * A schedule touches few lines of a stack's page. Looking whether memory is still zero is cheaper
 * than writing it, with the wide loads of AVX2, and dirties nothing. The end of a run that is used
 * again and again, where a stack begins, is written without looking; of the rest a processor need
 * not guess more than that all of it is zero. Elsewhere, and for runs of which most was used, it is
 * memset. (For runs with a copy the same does not pay: it reads twice as much, and memcpy is faster
 * than that.)
 */
#include <stdbool.h>
#include <string.h>

#include "engine/reset/snapshot_layout.h"

#if defined(__x86_64__)
enum {
	PLAIN_CLEARS = 64, /* until a run that was used all over is looked at again */
};

typedef long long wide_word __attribute__((vector_size(32), aligned(32)));

#define WORDS ((int)(CLEAR_BLOCK / sizeof(wide_word)))

/* Is [at, end) zero? */
__attribute__((target("avx2"))) static inline bool all_zero(const char *at, const char *end)
{
	wide_word any[4] = { 0 };

	for (; at < end; at += CLEAR_BLOCK) {
		const wide_word *words = (const wide_word *)(const void *)at;

#pragma GCC unroll 16
		for (int i = 0; i < WORDS; i++)
			any[i % 4] |= words[i];
	}
	any[0] |= any[1] | any[2] | any[3];
	return __builtin_ia32_ptestz256(any[0], any[0]);
}

__attribute__((target("avx2"))) static inline void write_zero(char *at, const char *end)
{
	for (; at < end; at += CLEAR_BLOCK) {
		wide_word *words = (wide_word *)(void *)at;

#pragma GCC unroll 16
		for (int i = 0; i < WORDS; i++)
			words[i] = (wide_word){ 0 };
	}
}

/* Clears the blocks that are not zero, and learns from them how much of the end is used. */
__attribute__((target("avx2"))) static void clear_blocks(struct run *run)
{
	char *const end = run->to + run->bytes;
	size_t used = 0;

	for (char *at = run->to; at < end; at += CLEAR_BLOCK) {
		if (all_zero(at, at + CLEAR_BLOCK))
			continue;
		write_zero(at, at + CLEAR_BLOCK);
		if (used++ == 0)
			run->tail = (size_t)(end - at);
	}
	if (used > run->bytes / CLEAR_BLOCK / 2)
		run->plain = PLAIN_CLEARS;
}

__attribute__((target("avx2"))) static void clear_used(struct run *run)
{
	char *const end = run->to + run->bytes;
	char *const tail = end - run->tail;

	if (__builtin_expect(all_zero(run->to, tail), 1))
		write_zero(tail, end);
	else
		clear_blocks(run);
	/* The next schedule would find in its registers what this one left on its stacks, and lazy
	 * binding would put it on a stack again. */
	__builtin_ia32_vzeroall();
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
		clear_used(run);
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
