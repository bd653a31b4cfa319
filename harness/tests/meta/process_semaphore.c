/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: deadlock semaphore
 * A process is killed between taking a semaphore and giving it back. */
#include <semaphore.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
	sem_t *sem =
		mmap(NULL, sizeof(*sem), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t child;

	if (sem == MAP_FAILED)
		return 1;
	sem_init(sem, 1, 1);
	child = fork();
	if (child == 0) {
		sem_wait(sem);
		sem_post(sem);
		_exit(0);
	}
	if (!FIXED)
		kill(child, SIGTERM);
	waitpid(child, NULL, 0);
	sem_wait(sem);
	sem_post(sem);
	return 0;
}
