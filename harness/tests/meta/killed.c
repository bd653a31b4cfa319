/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: crash killed
 * SCHEDULES: 50
 * A thread that sees no answer in time kills the whole process. */
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

static volatile int answered;

static void *worker(void *unused)
{
	answered = 1;
	return unused;
}

int main(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, worker, NULL);
	if (FIXED)
		pthread_join(thread, NULL);
	if (!answered)
		kill(getpid(), SIGKILL);
	if (!FIXED)
		pthread_join(thread, NULL);
	return 0;
}
