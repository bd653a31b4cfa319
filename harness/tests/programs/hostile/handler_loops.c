/* SPDX-License-Identifier: Apache-2.0 */
/* A signal handler that never returns, without a call in it. */
#include "hostile.h"
#include <signal.h>

static volatile unsigned long count;

static void handler(int signo)
{
	(void)signo;
	for (;;)
		count++;
}

static void misbehave(void)
{
	signal(SIGUSR1, handler);
	raise(SIGUSR1);
}
