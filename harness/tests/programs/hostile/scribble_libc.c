/* SPDX-License-Identifier: Apache-2.0 */
/* Writes over libc's own data: stdout's structure. */
#include "hostile.h"

static void misbehave(void)
{
	memset(stdout, 0xee, sizeof(*stdout));
	printf("is anybody there?\n");
}
