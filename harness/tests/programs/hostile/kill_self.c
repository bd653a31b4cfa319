/* SPDX-License-Identifier: Apache-2.0 */
/* Sends itself what nobody can catch. */
#include "hostile.h"
#include <signal.h>

static void misbehave(void)
{
	kill(getpid(), SIGKILL);
}
