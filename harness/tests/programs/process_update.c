/* SPDX-License-Identifier: Apache-2.0 */
/* Two processes count up in shared memory: 0 without a lock, 1 with one, 2 with two in the wrong
 * order. */
#include <assert.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static struct {
	pthread_mutex_t lock[2];
	int count;
} * shared;

static void count_up(int locks, int first)
{
	int seen;

	if (locks > 0)
		pthread_mutex_lock(&shared->lock[first]);
	if (locks > 1)
		pthread_mutex_lock(&shared->lock[1 - first]);
	seen = shared->count;
	sched_yield();
	shared->count = seen + 1;
	if (locks > 1)
		pthread_mutex_unlock(&shared->lock[1 - first]);
	if (locks > 0)
		pthread_mutex_unlock(&shared->lock[first]);
}

int main(int argc, char **argv)
{
	const int locks = argc > 1 ? atoi(argv[1]) : 0;
	pthread_mutexattr_t attributes;

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
	for (int i = 0; i < 2; i++)
		pthread_mutex_init(&shared->lock[i], &attributes);
	for (int i = 0; i < 2; i++)
		if (fork() == 0) {
			count_up(locks, locks > 1 ? i : 0);
			_exit(0);
		}
	while (wait(NULL) > 0)
		;
	assert(shared->count == 2);
	return 0;
}
