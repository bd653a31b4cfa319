/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Syscall User Dispatch: every syscall instruction outside our own text raises SIGSYS instead of
 * entering the kernel.
 *
 * The handler runs on the stack of the fiber that made the call, below its frames, and emulates the
 * call right there: it may publish operations and so switch to other fibers, while its signal
 * frame, which holds all registers with the vector state, waits on the fiber's own stack. Returning
 * through rt_sigreturn (our own, inside the exempt text) continues the caller with the result. The
 * frame restores the kernel's signal mask, which is the same empty one always, since the program's
 * masks are virtual; so leaving a frame for good, by longjmp or by unwinding, costs nothing and
 * breaks nothing.
 *
 * sud_arm(), sud_disarm() and friends are declared in system.h. aarch64: a kernel without it says
 * -EINVAL.
 */
#ifndef JOSTLE_ENGINE_SUD_H
#define JOSTLE_ENGINE_SUD_H

#include <signal.h>
#include <stdint.h>
#include <ucontext.h>

/* The kernel's sigaction; mask is of 64 bits. */
struct kernel_action {
	void (*handler)(int, siginfo_t *, void *);
	unsigned long flags;
	void (*restorer)(void);
	uint64_t mask;
};

#define SA_RESTORER_FLAG 0x04000000UL

/* The last instructions of every signal handler of ours: rt_sigreturn, as bytes that unwinders and
 * debuggers know. Not to be called. */
void sud_restorer(void);

/* Finds our text and installs the SIGSYS handler. 0 or -errno. */
int sud_init(void);

/* Installs one of our handlers with our restorer, nothing blocked while it runs. 0 or -errno. */
int sud_set_handler(int signo, void (*handler)(int, siginfo_t *, void *), unsigned long flags);

/*
 * clone(2) for a child that shares our memory and has a stack of its own: it continues there with
 * the registers of the context and result 0, after prepare() ran on its stack. Returns the child's
 * id or -errno in the parent.
 */
long sud_clone_raw(unsigned long flags, unsigned long stack, unsigned long parent_tid,
		   unsigned long child_tid, unsigned long tls, const greg_t *registers,
		   void (*prepare)(void));

/* Calls handler(signo, info, context) on the stack that ends at stack_top; unwinders see through.
 */
void sud_call_handler(int signo, siginfo_t *info, void *context, uintptr_t handler,
		      uintptr_t stack_top);

#endif
