/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The trap: how it is armed, and the handler.
 *
 * The exempt range is our own executable segment, found through the program headers of the object
 * that this very code lies in. Raw calls of the engine lie there, and so does our rt_sigreturn. The
 * selector byte only serves to stand aside for a moment (calls of the engine into libc) without a
 * system call.
 */
#include "engine/calls/sud.h"

#include <elf.h>
#include <errno.h>
#include <link.h>
#include <stddef.h>

#include "base/sys.h"
#include "engine/calls/call.h"
#include "engine/calls/system.h"
#include "engine/text.h"
#include "engine/time/tsc.h"

#ifndef PR_SET_SYSCALL_USER_DISPATCH
#define PR_SET_SYSCALL_USER_DISPATCH 59
#define PR_SYS_DISPATCH_OFF          0
#define PR_SYS_DISPATCH_ON           1
#endif
#define SELECTOR_ALLOW        0
#define SELECTOR_BLOCK        1
#define SI_CODE_USER_DISPATCH 2 /* SYS_USER_DISPATCH */

static volatile uint8_t selector = SELECTOR_ALLOW;
static bool armed;

int sud_set_handler(int signo, void (*handler)(int, siginfo_t *, void *), unsigned long flags)
{
	const struct kernel_action action = {
		.handler = handler,
		.flags = flags | SA_SIGINFO | SA_NODEFER | SA_RESTORER_FLAG,
		.restorer = sud_restorer,
	};

	return (int)sys_call4(SYS_rt_sigaction, signo, (long)&action, 0, sizeof(action.mask));
}

#if defined(__x86_64__)
static void on_sigsys(int signo, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;
	greg_t *r = uc->uc_mcontext.gregs;
	struct call c = {
		.nr = info->si_syscall,
		.args = { r[REG_RDI], r[REG_RSI], r[REG_RDX], r[REG_R10], r[REG_R8], r[REG_R9] },
		.context = uc,
	};

	(void)signo;
	if (info->si_code != SI_CODE_USER_DISPATCH) {
		engine_note("a SIGSYS that was not ours (seccomp?) was answered with ENOSYS");
		r[REG_RAX] = -ENOSYS;
		return;
	}
	c.site = text_call_site(uc);
	r[REG_RAX] = call_dispatch(&c);
}
#endif

int sud_init(void)
{
#if defined(__x86_64__)
	return sud_set_handler(SIGSYS, on_sigsys, 0);
#else
	return -ENOSYS;
#endif
}

int sud_arm(void)
{
	uintptr_t start, end;
	long result;

	if (armed) {
		selector = SELECTOR_BLOCK;
		return 0;
	}
	text_own_range(&start, &end);
	result = sys_call5(SYS_prctl, PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_ON, (long)start,
			   (long)(end - start), (long)&selector);
	if (result < 0)
		return (int)result;
	armed = true;
	selector = SELECTOR_BLOCK;
	tsc_take();
	return preempt_start();
}

void sud_disarm(void)
{
	selector = SELECTOR_ALLOW;
}

int sud_rearm_after_fork(void)
{
	armed = false;
	preempt_stop(); /* the parent's timer is not ours */
	return sud_arm();
}

bool sud_armed(void)
{
	return armed && selector == SELECTOR_BLOCK;
}
