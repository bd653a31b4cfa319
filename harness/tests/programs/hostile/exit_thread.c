/* SPDX-License-Identifier: Apache-2.0 */
/* Ends the process from a thread, past every handler. */
#include "hostile.h"

static void misbehave(void)
{
	_exit(7);
}
