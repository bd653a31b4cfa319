/* SPDX-License-Identifier: Apache-2.0 */
/* Writes far beyond the end of a block. */
#include "hostile.h"

static void misbehave(void)
{
	char *volatile block = malloc(24);

	memset(block, 0xee, 4096);
	free(malloc(24));
	free(block);
}
