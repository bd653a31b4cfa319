/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random numbers that no system call gives: libstdc++'s std::random_device asks the processor
 * (rdrand, rdseed), also where no instruction can be trapped (inline_chance.h).
 */
#include <sys/syscall.h>

#include "intercept/result.h"

unsigned cpp_random_device(void *device) __asm__("_ZNSt13random_device9_M_getvalEv");

/* std::random_device::_M_getval(), which operator() is made of. */
INTERPOSE unsigned cpp_random_device(void *device)
{
	unsigned value = 0;

	(void)device;
	CALL(SYS_getrandom, (long)&value, sizeof(value), 0);
	return value;
}
