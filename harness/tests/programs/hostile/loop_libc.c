/* SPDX-License-Identifier: Apache-2.0 */
/* Loops without end inside libc, where no timer may interrupt. */
#include "hostile.h"

static void misbehave(void)
{
	static char room[1 << 16];
	volatile size_t length = sizeof(room) - 1;

	for (;;)
		memset(room, 1, length);
}
