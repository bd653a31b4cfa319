/* SPDX-License-Identifier: Apache-2.0 */
/* Loops without end through system calls that order nothing. */
#include "hostile.h"
#include <sys/syscall.h>

static void misbehave(void)
{
	for (;;)
		syscall(SYS_getppid);
}
