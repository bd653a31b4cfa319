/* SPDX-License-Identifier: Apache-2.0 */
/* Recurs without end. */
#include "hostile.h"

static volatile int always = 1;

static __attribute__((noinline)) int recur(int depth)
{
	volatile char room[512];

	room[0] = (char)depth;
	return always ? recur(depth + 1) + room[0] : 0;
}

static void misbehave(void)
{
	recur(0);
}
