/* SPDX-License-Identifier: Apache-2.0 */
/* Sets rounding modes and exception masks, of SSE and of the x87. */
#include "leak.h"
#include <fenv.h>

static unsigned leave(int thread, int argc, char **argv)
{
	volatile double one = 1, three = 3;
	volatile long double long_one = 1, long_three = 3;
	double third;
	long double long_third;
	unsigned short control = 0;
	unsigned sum;

	(void)thread, (void)argc, (void)argv;
	__asm__ volatile("fnstcw %0" : "=m"(control));
	EXPECT(fegetround() == FE_TONEAREST && control == 0x37f);
	EXPECT(fetestexcept(FE_ALL_EXCEPT) == 0);
	fesetround(FE_UPWARD);
	/* Others run meanwhile, with modes of their own. */
	pthread_mutex_lock(&lock);
	pthread_mutex_unlock(&lock);
	EXPECT(fegetround() == FE_UPWARD);
	third = one / three;
	long_third = long_one / long_three;
	sum = fold(0, &third, sizeof(third));
	sum = fold(sum, &long_third, 10);
	feraiseexcept(FE_OVERFLOW);
	feenableexcept(FE_DIVBYZERO);
	return sum;
}
