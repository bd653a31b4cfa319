/* SPDX-License-Identifier: Apache-2.0 */
/* Frees the middle of a block. */
#include "hostile.h"

static void misbehave(void)
{
	char *volatile block = malloc(100);

	free(block + 16);
}
