/* SPDX-License-Identifier: Apache-2.0 */
/* A signal handler that never returns because it waits for ever. */
#include "hostile.h"
#include <signal.h>

static void handler(int signo)
{
	(void)signo;
	for (;;)
		pause();
}

static void misbehave(void)
{
	signal(SIGUSR1, handler);
	raise(SIGUSR1);
}
