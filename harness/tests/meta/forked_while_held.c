/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: deadlock owner-not-forked
 * A fork while another thread holds the lock: the child has the locked copy and not the thread. */
#include <pthread.h>
#include <stddef.h>
#include <sys/wait.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int counter;

static void *count(void *unused)
{
	for (int i = 0; i < 2; i++) {
		pthread_mutex_lock(&lock);
		counter++;
		pthread_mutex_unlock(&lock);
	}
	return unused;
}

static void before(void)
{
	pthread_mutex_lock(&lock);
}

static void after(void)
{
	pthread_mutex_unlock(&lock);
}

int main(void)
{
	pthread_t thread;
	pid_t child;

	if (FIXED)
		pthread_atfork(before, after, after);
	pthread_create(&thread, NULL, count, NULL);
	child = fork();
	if (child == 0) {
		count(NULL);
		_exit(0);
	}
	waitpid(child, NULL, 0);
	pthread_join(thread, NULL);
	return 0;
}
