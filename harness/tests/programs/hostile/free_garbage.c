/* SPDX-License-Identifier: Apache-2.0 */
/* Frees what malloc never returned. */
#include "hostile.h"

static void misbehave(void)
{
	static char own[64];
	char *volatile garbage = own + 16;

	free(garbage);
}
