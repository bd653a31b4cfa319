/* SPDX-License-Identifier: Apache-2.0 */
/* A handler for SIGSEGV that returns to the very instruction that faulted. */
#include "hostile.h"
#include <signal.h>

static void handler(int signo)
{
	(void)signo;
}

static void misbehave(void)
{
	volatile int *volatile nowhere = NULL;

	signal(SIGSEGV, handler);
	*nowhere = 1;
}
