/* SPDX-License-Identifier: Apache-2.0 */
/* The same by a system call instruction of its own, to its own thread. */
#include "hostile.h"
#include <signal.h>
#include <sys/syscall.h>

static void misbehave(void)
{
	syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), SIGKILL);
}
