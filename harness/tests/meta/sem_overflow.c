/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: misuse semaphore-overflow
 * A semaphore at its largest value is posted. */
#include <limits.h>
#include <semaphore.h>
#include <stddef.h>

static sem_t count;

int main(void)
{
	sem_init(&count, 0, FIXED ? SEM_VALUE_MAX - 1 : SEM_VALUE_MAX);
	sem_post(&count);
	sem_destroy(&count);
	return 0;
}
