/* SPDX-License-Identifier: Apache-2.0 */
/* A thread gives back the memory of a mutex that it holds, while another waits for the mutex. */
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>

static pthread_mutex_t other = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t *mapped;
static pthread_barrier_t both;

static void *waits(void *unused)
{
	pthread_barrier_wait(&both);
	pthread_mutex_lock(mapped);
	return unused;
}

int main(void)
{
	pthread_t thread;

	mapped = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (mapped == MAP_FAILED)
		return 2;
	pthread_mutex_init(mapped, NULL);
	pthread_barrier_init(&both, NULL, 2);
	pthread_create(&thread, NULL, waits, NULL);
	pthread_mutex_lock(mapped);
	pthread_barrier_wait(&both);
	for (int i = 0; i < 4; i++) { /* meanwhile the other one comes to its lock */
		pthread_mutex_lock(&other);
		pthread_mutex_unlock(&other);
	}
	munmap(mapped, 4096);
	for (int i = 0; i < 4; i++) {
		pthread_mutex_lock(&other);
		pthread_mutex_unlock(&other);
	}
	exit(0);
}
