/* SPDX-License-Identifier: Apache-2.0 */
/* Calls abort(). */
#include "hostile.h"

static void misbehave(void)
{
	abort();
}
