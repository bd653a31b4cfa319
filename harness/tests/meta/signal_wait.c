/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: deadlock signal-wait
 * A thread waits for a signal that another one already got. */
#include <pthread.h>
#include <signal.h>
#include <stddef.h>

static sigset_t set;

static void *waiter(void *unused)
{
	int signo;

	sigwait(&set, &signo);
	return unused;
}

int main(void)
{
	pthread_t one, other;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	pthread_create(&one, NULL, waiter, NULL);
	pthread_create(&other, NULL, waiter, NULL);
	pthread_kill(one, SIGUSR1);
	pthread_kill(FIXED ? other : one, SIGUSR1);
	pthread_join(one, NULL);
	pthread_join(other, NULL);
	return 0;
}
