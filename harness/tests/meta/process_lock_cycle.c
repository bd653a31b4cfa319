/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: deadlock lock-cycle
 * ALSO: lock-order lock-cycle
 * Two processes take two locks in shared memory in opposite orders. */
#include <pthread.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static pthread_mutex_t *locks;

static void take_both(int first)
{
	pthread_mutex_lock(&locks[first]);
	pthread_mutex_lock(&locks[1 - first]);
	pthread_mutex_unlock(&locks[1 - first]);
	pthread_mutex_unlock(&locks[first]);
}

int main(void)
{
	pthread_mutexattr_t shared;

	locks = mmap(NULL, 2 * sizeof(*locks), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		     -1, 0);
	if (locks == MAP_FAILED)
		return 1;
	pthread_mutexattr_init(&shared);
	pthread_mutexattr_setpshared(&shared, PTHREAD_PROCESS_SHARED);
	pthread_mutex_init(&locks[0], &shared);
	pthread_mutex_init(&locks[1], &shared);
	for (int i = 0; i < 2; i++)
		if (fork() == 0) {
			take_both(FIXED ? 0 : i);
			_exit(0);
		}
	while (wait(NULL) > 0)
		;
	return 0;
}
