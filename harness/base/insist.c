/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SIGABRT is made fatal first: the program under test may have a handler for it, which must not run
 * in the middle of a broken engine.
 */
#include "base/insist.h"

#include <signal.h>
#include <stdint.h>

#include "base/fmt.h"
#include "base/sys.h"

/* The kernel's layout, not libc's: handler, flags, restorer, mask. */
struct kernel_sigaction {
	uintptr_t handler;
	unsigned long flags;
	uintptr_t restorer;
	uint64_t mask;
};

void insist_failed(const char *condition, const char *file, int line)
{
	const struct kernel_sigaction fatal = { .handler = 0 };
	const uint64_t abort_bit = 1ull << (SIGABRT - 1);

	fmt_write(2, "jostle: internal error: %s:%d: %s does not hold\n", file, line, condition);
	sys_call4(SYS_rt_sigaction, SIGABRT, (long)&fatal, 0, sizeof(fatal.mask));
	sys_call4(SYS_rt_sigprocmask, SIG_UNBLOCK, (long)&abort_bit, 0, sizeof(abort_bit));
	sys_call3(SYS_tgkill, sys_getpid(), sys_gettid(), SIGABRT);
	sys_exit_group(134);
}
