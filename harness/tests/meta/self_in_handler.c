/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: deadlock self-in-handler
 * A handler counts under the lock of those whom it interrupts. Repaired: who holds it lets no
 * signal in. */
#include <pthread.h>
#include <signal.h>
#include <stddef.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int count;

static void handle(int signo)
{
	pthread_mutex_lock(&lock);
	count += signo > 0;
	pthread_mutex_unlock(&lock);
}

static void *work(void *unused)
{
	sigset_t all, before;

	sigfillset(&all);
	for (int i = 0; i < 2; i++) {
		if (FIXED)
			pthread_sigmask(SIG_BLOCK, &all, &before);
		pthread_mutex_lock(&lock);
		count++;
		pthread_mutex_unlock(&lock);
		if (FIXED)
			pthread_sigmask(SIG_SETMASK, &before, NULL);
	}
	return unused;
}

int main(void)
{
	const struct sigaction action = { .sa_handler = handle };
	pthread_t thread;

	sigaction(SIGUSR1, &action, NULL);
	pthread_create(&thread, NULL, work, NULL);
	pthread_kill(thread, SIGUSR1);
	pthread_join(thread, NULL);
	return 0;
}
