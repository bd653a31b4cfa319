/* SPDX-License-Identifier: Apache-2.0 */
/* Frees the middle of a block. */
#include "hostile.h"

static void misbehave(void)
{
	const volatile uintptr_t block = (uintptr_t)malloc(100);

	free((void *)(block + 16));
}
