/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: deadlock upgrade
 * A reader asks for the write lock and waits for itself. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stddef.h>

static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;

int main(void)
{
	pthread_rwlock_rdlock(&lock);
	if (FIXED)
		pthread_rwlock_unlock(&lock);
	pthread_rwlock_wrlock(&lock);
	pthread_rwlock_unlock(&lock);
	return 0;
}
