/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A constructor maps memory that processes share, and each run counts in it; none finds what
 * another left. "fork": a child counts, too. "unmap": the memory goes at the end.
 */
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "must.h"

#define SIZE 20000

static struct {
	pthread_mutex_t lock;
	unsigned count;
	unsigned char bytes[SIZE];
} * shared;

__attribute__((constructor)) static void map_early(void)
{
	pthread_mutexattr_t attr;

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	must(shared != MAP_FAILED);
	must(pthread_mutexattr_init(&attr) == 0);
	must(pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED) == 0);
	must(pthread_mutex_init(&shared->lock, &attr) == 0);
	memset(shared->bytes, 1, sizeof(shared->bytes));
}

static void *count(void *arg)
{
	for (int i = 0; i < 5; i++) {
		pthread_mutex_lock(&shared->lock);
		shared->bytes[shared->count++ * 977 % SIZE]++;
		pthread_mutex_unlock(&shared->lock);
	}
	return arg;
}

int main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "";
	pthread_t thread;
	unsigned sum = 0;
	pid_t child = -1;

	must(pthread_create(&thread, NULL, count, NULL) == 0);
	if (strcmp(how, "fork") == 0) {
		child = fork();
		must(child >= 0);
		if (child == 0) {
			count(NULL);
			_exit(0);
		}
	}
	count(NULL);
	must(pthread_join(thread, NULL) == 0);
	if (child > 0)
		must(waitpid(child, NULL, 0) == child);
	for (int i = 0; i < SIZE; i++)
		sum += shared->bytes[i];
	must(shared->count == (child > 0 ? 15 : 10) && sum == SIZE + shared->count);
	if (strcmp(how, "unmap") == 0)
		must(munmap(shared, sizeof(*shared)) == 0);
	return 0;
}
