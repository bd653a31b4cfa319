/* SPDX-License-Identifier: Apache-2.0 */
/* Allocates 2 GB and uses a byte of each page, and gives it back. */
#include "hostile.h"

static void misbehave(void)
{
	const size_t piece = 64UL << 20;
	char *pieces[32];

	for (int i = 0; i < 32; i++) {
		pieces[i] = malloc(piece);
		if (!pieces[i])
			exit(6);
		for (size_t at = 0; at < piece; at += 4096)
			pieces[i][at] = 1;
	}
	for (int i = 0; i < 32; i++)
		free(pieces[i]);
}
