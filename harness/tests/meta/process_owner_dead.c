/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: deadlock owner-exited
 * A process ends with a lock in shared memory that is not robust. */
#include <pthread.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
	pthread_mutexattr_t shared;
	pthread_mutex_t *lock = mmap(NULL, sizeof(*lock), PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (lock == MAP_FAILED)
		return 1;
	pthread_mutexattr_init(&shared);
	pthread_mutexattr_setpshared(&shared, PTHREAD_PROCESS_SHARED);
	pthread_mutex_init(lock, &shared);
	if (fork() == 0) {
		pthread_mutex_lock(lock);
		if (FIXED)
			pthread_mutex_unlock(lock);
		_exit(0);
	}
	wait(NULL);
	pthread_mutex_lock(lock);
	pthread_mutex_unlock(lock);
	return 0;
}
