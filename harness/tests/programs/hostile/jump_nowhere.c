/* SPDX-License-Identifier: Apache-2.0 */
/* Calls a function that is not there: the program counter itself is bad. */
#include "hostile.h"

static void misbehave(void)
{
	void (*volatile nowhere)(void) = (void (*)(void))(uintptr_t)0x10;

	nowhere();
}
