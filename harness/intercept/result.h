/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the kernel's convention (a result or -errno) to libc's (-1 and errno). errno is touched on
 * failure alone.
 */
#ifndef JOSTLE_INTERCEPT_RESULT_H
#define JOSTLE_INTERCEPT_RESULT_H

#include <errno.h>

#include "engine/calls/system.h"
#include "engine/engine.h"

static inline long libc_result(long result)
{
	if ((unsigned long)result < (unsigned long)-4095L)
		return result;
	errno = (int)-result;
	return -1;
}

/* A call of the program by a libc name: up to six arguments, the rest 0. */
#define CALL(nr, ...) libc_result(system_call(nr, (const long[6]){ __VA_ARGS__ }, CALLER))

#endif
