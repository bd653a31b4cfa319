/* SPDX-License-Identifier: Apache-2.0 */
/* Reads stack that it never wrote, and leaves something there. */
#include "leak.h"

static __attribute__((noinline)) unsigned look(void)
{
	unsigned char room[20000];
	volatile unsigned char *at = room;
	unsigned sum = 0;

	/* Hidden from the compiler: reading it is undefined. */
	__asm__ volatile("" : : "r"(at) : "memory");
	for (size_t i = 0; i < sizeof(room); i++)
		sum = sum * 31 + at[i];
	return sum;
}

static __attribute__((noinline)) void soil(int byte)
{
	volatile unsigned char room[30000];

	for (size_t i = 0; i < sizeof(room); i++)
		room[i] = (unsigned char)byte;
}

static unsigned leave(int thread, int argc, char **argv)
{
	unsigned sum = look();

	(void)argc, (void)argv;
	soil(0x11 + thread);
	/* One stack is deeper than any before, in a few schedules. */
	if (sum % 31 == 0)
		soil(0x77);
	return sum;
}
