/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: misuse reinitialised-in-use
 * ALSO: misuse unlock-unlocked
 * ALSO: misuse unlock-not-owner
 * Whoever makes the shared memory also makes its lock; the other one finds the memory, and locks
 * the zeros in it. Repaired: he waits until it was made. */
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

struct common {
	pthread_mutex_t lock;
	int count;
};

static const char name[] = "/process_reinitialised";
static sem_t *made;

static void work(void)
{
	const int mine = shm_open(name, O_CREAT | O_EXCL | O_RDWR, 0600);
	const int fd = mine >= 0 ? mine : shm_open(name, O_RDWR, 0600);
	struct common *c;

	if (ftruncate(fd, sizeof(*c)) != 0)
		abort();
	c = mmap(NULL, sizeof(*c), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (mine >= 0) {
		pthread_mutexattr_t shared;

		pthread_mutexattr_init(&shared);
		pthread_mutexattr_setpshared(&shared, PTHREAD_PROCESS_SHARED);
		pthread_mutex_init(&c->lock, &shared);
		sem_post(made);
	} else if (FIXED) {
		sem_wait(made);
	}
	pthread_mutex_lock(&c->lock);
	c->count++;
	pthread_mutex_unlock(&c->lock);
}

int main(void)
{
	made = mmap(NULL, sizeof(*made), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	sem_init(made, 1, 0);
	for (int i = 0; i < 2; i++)
		if (fork() == 0) {
			work();
			_exit(0);
		}
	while (wait(NULL) > 0)
		;
	shm_unlink(name);
	return 0;
}
