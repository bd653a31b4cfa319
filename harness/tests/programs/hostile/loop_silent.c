/* SPDX-License-Identifier: Apache-2.0 */
/* Loops without end and without a call; the other thread has long ended. */
#include "hostile.h"

static volatile unsigned long count;

static void misbehave(void)
{
	for (;;)
		count++;
}
