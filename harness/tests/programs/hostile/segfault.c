/* SPDX-License-Identifier: Apache-2.0 */
/* Writes through a null pointer. */
#include "hostile.h"

static void misbehave(void)
{
	volatile int *volatile nowhere = NULL;

	*nowhere = 1;
}
