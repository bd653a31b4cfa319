/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: misuse destroy-held
 * A read lock is destroyed by its reader. */
#include <pthread.h>
#include <stddef.h>

int main(void)
{
	pthread_rwlock_t lock;

	pthread_rwlock_init(&lock, NULL);
	pthread_rwlock_rdlock(&lock);
	if (FIXED)
		pthread_rwlock_unlock(&lock);
	pthread_rwlock_destroy(&lock);
	return 0;
}
