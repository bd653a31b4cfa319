/* SPDX-License-Identifier: Apache-2.0 */
/* Frees a block twice. */
#include "hostile.h"

static void misbehave(void)
{
	char *volatile block = malloc(100);

	free(block);
	free(block);
}
