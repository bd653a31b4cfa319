/* SPDX-License-Identifier: Apache-2.0 */
/* Allocates and forgets, and reads memory that malloc returned as it is. */
#include "leak.h"

static unsigned leave(int thread, int argc, char **argv)
{
	static const size_t sizes[] = { 24, 100, 1000, 5000, 70000, 300000 };
	unsigned sum = 0;

	(void)argc, (void)argv;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		volatile unsigned char *block = malloc(sizes[i]);

		EXPECT(block);
		for (size_t at = 0; at < sizes[i]; at += 7)
			sum = sum * 31 + block[at];
		sum = sum * 31 + (unsigned)((uintptr_t)block >> 4 & 0xff);
		memset((void *)(uintptr_t)block, 0x40 + thread, sizes[i]);
		if (i % 2)
			free((void *)(uintptr_t)block);
	}
	return sum;
}
