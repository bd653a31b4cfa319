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

#include <stdbool.h>

int fault_init(void);
bool fault_is_ours(int signo);

#endif
