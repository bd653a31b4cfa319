/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Faults: SIGSEGV, SIGBUS, SIGFPE, SIGILL and SIGTRAP that an instruction of the program raised.
 *
 * Our handler runs on the engine's alternate stack. When the program has a handler of its own, the
 * kernel's frame is laid onto the fiber's stack just as the kernel would have done, and the
 * program's handler runs there; when it returns the frame is returned through. When it has none the
 * process cannot go on: the finding is written and the process ends.
 */
#ifndef JOSTLE_ENGINE_FAULT_H
#define JOSTLE_ENGINE_FAULT_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <ucontext.h>

int fault_init(void);
bool fault_is_ours(int signo);

/*
 * In a handler on the alternate stack: when it returns, function runs on the stack below sp with a
 * copy of the handler's frame, as if the kernel had called it there; when that returns, the
 * interrupted code goes on. It may switch fibers, which the handler itself may not.
 */
void fault_continue(int signo, const siginfo_t *info, ucontext_t *uc, uintptr_t sp,
		    void (*function)(int, siginfo_t *, void *));
/* Where the interrupted code's own stack is free. */
uintptr_t fault_stack_below(const ucontext_t *uc);

#endif
