/* SPDX-License-Identifier: Apache-2.0 */
/* Allocates until there is nothing left, and says so with its exit status. */
#include "hostile.h"

static void misbehave(void)
{
	for (;;)
		if (!malloc(256UL << 20))
			exit(6);
}
