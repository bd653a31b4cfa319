/* SPDX-License-Identifier: Apache-2.0 */
/* stdlib.h, malloc.h: memory, how it is aligned, what remains in it, and sizes that cannot be. */
#include <malloc.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "differential.h"

static const size_t sizes[] = { 0, 1, 24, 100, 4096, 100000, 10000000 };

enum { SIZES = sizeof(sizes) / sizeof(sizes[0]) };

/* An out-parameter the compiler cannot see through: it would warn of what is meant. */
static volatile size_t huge = SIZE_MAX, half = SIZE_MAX / 2 + 1, three = 3;

static int filled(const unsigned char *bytes, int with_byte, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (bytes[i] != with_byte)
			return 0;
	return 1;
}

static int aligned(const void *block, size_t to)
{
	return (uintptr_t)block % to == 0;
}

static void plain(void)
{
	void *block, *again;

	for (int i = 0; i < SIZES; i++) {
		block = POINTS(malloc(sizes[i]));
		with(", aligned %d, usable %d", aligned(block, 16),
		     malloc_usable_size(block) >= sizes[i]);
		memset(block, 'x', sizes[i]);
		RETURNS(free(block));
		block = POINTS(calloc(sizes[i], 3));
		with(", aligned %d, cleared %d", aligned(block, 16),
		     filled(block, 0, sizes[i] * 3));
		says("malloc_usable_size", "enough %d", malloc_usable_size(block) >= sizes[i] * 3);
		free(block);
		block = POINTS(realloc(NULL, sizes[i]));
		memset(block, 'r', sizes[i]);
		again = POINTS(realloc(block, sizes[i] * 2 + 1));
		with(", kept %d", filled(again, 'r', sizes[i]));
		again = POINTS(realloc(again, sizes[i] / 2 + 1));
		with(", kept %d", filled(again, 'r', sizes[i] / 2));
		again = POINTS(reallocarray(again, sizes[i] + 1, 3));
		with(", kept %d", filled(again, 'r', sizes[i] / 2));
		again = POINTS(reallocarray(again, 1, sizes[i] + 1));
		POINTS(realloc(again, 0));
	}
	RETURNS(free(NULL));
	errno = 0;
	says("malloc_usable_size", "%zu", malloc_usable_size(NULL));
	block = malloc(10);
	POINTS(malloc(huge));
	POINTS(malloc(half));
	POINTS(malloc(huge - 4096));
	POINTS(calloc(huge, 2));
	POINTS(calloc(half, 2));
	POINTS(calloc(1, huge));
	POINTS(realloc(block, huge));
	POINTS(realloc(NULL, huge));
	POINTS(reallocarray(block, huge, 2));
	POINTS(reallocarray(NULL, half, 2));
	POINTS(reallocarray(block, 0, 5));
	POINTS(reallocarray(NULL, 0, huge));
}

static void alignments(void)
{
	for (size_t to = 8; to <= 65536; to *= 8) {
		void *block = POINTS(memalign(to, 100));

		with(", aligned %d", aligned(block, to));
		free(block);
		block = POINTS(aligned_alloc(to, to * 2));
		with(", aligned %d", aligned(block, to));
		free(block);
		GIVES(posix_memalign(&block, to, 100));
		with(", aligned %d, usable %d", aligned(block, to),
		     malloc_usable_size(block) >= 100);
		free(block);
		block = POINTS(valloc(to));
		with(", aligned %d", aligned(block, 4096));
		free(block);
		block = POINTS(pvalloc(to));
		with(", aligned %d, whole pages %d", aligned(block, 4096),
		     malloc_usable_size(block) >= ((to + 4095) & ~4095ul));
		free(block);
	}
}

static void refusals(void)
{
	void *block = &block;

	GIVES(posix_memalign(&block, 0, 10));
	GIVES(posix_memalign(&block, three, 10));
	GIVES(posix_memalign(&block, 4, 10));
	GIVES(posix_memalign(&block, 24, 10));
	GIVES(posix_memalign(&block, 64, huge));
	with(", untouched %d", block == &block);
	GIVES(posix_memalign(&block, 64, 0));
	free(block);
	block = POINTS(memalign(three, 10)); /* rounded up */
	free(block);
	block = POINTS(memalign(24, 10));
	with(", aligned %d", aligned(block, 32));
	free(block);
	block = POINTS(memalign(0, 10));
	free(block);
	POINTS(memalign(64, huge));
	POINTS(memalign(huge, 10));
	POINTS(aligned_alloc(64, huge));
	POINTS(aligned_alloc(huge, 10));
	block = POINTS(aligned_alloc(three, 10));
	free(block);
	POINTS(valloc(huge));
	POINTS(pvalloc(huge));
	POINTS(pvalloc(half));
	block = POINTS(pvalloc(0));
	free(block);
	block = POINTS(valloc(0));
	free(block);
}

static void *frees(void *block)
{
	free(block);
	return malloc(50);
}

static void across_threads(void)
{
	void *block = malloc(100);

	block = in_thread(frees, block);
	says("malloc", "%d from another thread", block != NULL);
	RETURNS(free(block));
}

static void totals(void)
{
	for (int i = 0; i < 5; i++) {
		const struct mallinfo2 before = mallinfo2();
		const struct mallinfo narrow = mallinfo();
		void *block = malloc(50000);

		memset(block, 'x', 50000);
		says("mallinfo2", "grew %d", mallinfo2().uordblks >= before.uordblks + 50000);
		says("mallinfo", "grew %d", mallinfo().uordblks >= narrow.uordblks + 50000);
		free(block);
		with(", shrank %d", mallinfo().uordblks < narrow.uordblks + 50000);
		RETURNS(malloc_stats());
		/* Whether there was something to give back is its own affair. */
		errno = 0;
		says("malloc_trim", "0 or 1: %d, errno %s", malloc_trim(i * 1000ul) <= 1,
		     error_name(errno));
	}
	SETS(mallopt(M_MMAP_THRESHOLD, 100000));
	SETS(mallopt(M_TRIM_THRESHOLD, 100000));
	SETS(mallopt(M_ARENA_MAX, 2));
	SETS(mallopt(M_PERTURB, 0));
	SETS(mallopt(777, 1));
	SETS(mallopt(M_MXFAST, 64));
	SETS(mallopt(M_MXFAST, 1 << 20));
	SETS(mallopt(M_MXFAST, -1));
	SETS(mallopt(M_MMAP_THRESHOLD, 1 << 30));
}

void heap(void)
{
	plain();
	alignments();
	refusals();
	across_threads();
	totals();
}
