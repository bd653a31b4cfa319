/* SPDX-License-Identifier: Apache-2.0 */
/* Loops without end with scheduling points in it. */
#include "hostile.h"

static void misbehave(void)
{
	for (;;) {
		pthread_mutex_lock(&lock);
		pthread_mutex_unlock(&lock);
	}
}
