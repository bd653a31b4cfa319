/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two children that each add five times to a count in shared memory, under a lock that lies there,
 * too. With EXECS each becomes a program first (this one again, with an argument) and finds the
 * memory behind an inherited descriptor.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHILDREN 2
#define ROUNDS   5
#define MEMORY   30 /* the descriptor */

struct shared {
	pthread_mutex_t lock;
	int count;
};

static struct shared *map(void)
{
	struct shared *s = mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE, MAP_SHARED, MEMORY, 0);

	if (s == MAP_FAILED)
		abort();
	return s;
}

static void work(struct shared *s)
{
	for (int i = 0; i < ROUNDS; i++) {
		pthread_mutex_lock(&s->lock);
		s->count++;
		pthread_mutex_unlock(&s->lock);
	}
}

int main(int argc, char **argv)
{
	pthread_mutexattr_t attributes;
	struct shared *s;
	int made;

	if (argc > 1) {
		work(map());
		return 0;
	}
	made = memfd_create("shared", 0);
	if (made < 0 || dup2(made, MEMORY) < 0 || ftruncate(MEMORY, sizeof(*s)) < 0)
		abort();
	s = map();
	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
	pthread_mutex_init(&s->lock, &attributes);
	for (int i = 0; i < CHILDREN; i++)
		if (fork() == 0) {
			if (EXECS)
				execl(argv[0], argv[0], "child", (char *)NULL);
			work(s);
			_exit(0);
		}
	while (wait(NULL) > 0)
		;
	return s->count == CHILDREN * ROUNDS ? 0 : 1;
}
