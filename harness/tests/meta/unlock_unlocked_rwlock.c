/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: misuse unlock-unlocked
 * A read lock is given back once more than it was taken. */
#include <pthread.h>
#include <stddef.h>

static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;

int main(void)
{
	pthread_rwlock_rdlock(&lock);
	pthread_rwlock_unlock(&lock);
	if (!FIXED)
		pthread_rwlock_unlock(&lock);
	return 0;
}
