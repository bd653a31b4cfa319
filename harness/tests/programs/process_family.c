/* SPDX-License-Identifier: Apache-2.0 */
/* Children, and threads of theirs, that fork at the same time. */
#include <pthread.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "must.h"

#define CHILDREN 2
#define TIMES    5

struct shared {
	pthread_mutex_t mutex;
	int count;
};

static void *fork_one(void *shared)
{
	struct shared *s = shared;
	int status;
	const pid_t child = fork();

	if (child == 0) {
		for (int i = 0; i < TIMES; i++) {
			must(pthread_mutex_lock(&s->mutex) == 0);
			s->count++;
			must(pthread_mutex_unlock(&s->mutex) == 0);
		}
		_exit(5);
	}
	must(child > 0 && waitpid(child, &status, 0) == child);
	must(WIFEXITED(status) && WEXITSTATUS(status) == 5);
	return NULL;
}

int main(void)
{
	struct shared *s =
		mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pthread_mutexattr_t attributes;
	int status;

	must(s != MAP_FAILED);
	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
	must(pthread_mutex_init(&s->mutex, &attributes) == 0);
	for (int i = 0; i < CHILDREN; i++) {
		pthread_t thread;

		if (fork() != 0)
			continue;
		must(pthread_create(&thread, NULL, fork_one, s) == 0);
		fork_one(s);
		must(pthread_join(thread, NULL) == 0);
		_exit(0);
	}
	for (int i = 0; i < CHILDREN; i++)
		must(wait(&status) > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0);
	must(s->count == CHILDREN * 2 * TIMES);
	return 0;
}
