/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: deadlock owner-died
 * A process is killed with a lock in shared memory that is not robust. */
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
	pthread_mutexattr_t shared;
	pthread_mutex_t *lock = mmap(NULL, sizeof(*lock), PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int ends[2];
	char byte = 0;
	pid_t child;

	if (lock == MAP_FAILED || pipe(ends) != 0)
		return 1;
	pthread_mutexattr_init(&shared);
	pthread_mutexattr_setpshared(&shared, PTHREAD_PROCESS_SHARED);
	pthread_mutex_init(lock, &shared);
	child = fork();
	if (child == 0) {
		pthread_mutex_lock(lock);
		if (FIXED)
			pthread_mutex_unlock(lock);
		if (write(ends[1], &byte, 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	if (read(ends[0], &byte, 1) != 1)
		return 1;
	kill(child, SIGKILL);
	wait(NULL);
	pthread_mutex_lock(lock);
	pthread_mutex_unlock(lock);
	return 0;
}
