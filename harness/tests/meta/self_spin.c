/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: deadlock self
 * A thread spins for a lock that it holds, in one branch. */
#include <pthread.h>
#include <stddef.h>

static pthread_spinlock_t lock;
static int turns;

static void *worker(void *unused)
{
	pthread_spin_lock(&lock);
	if (turns++ == 1 && !FIXED)
		pthread_spin_lock(&lock);
	pthread_spin_unlock(&lock);
	return unused;
}

int main(void)
{
	pthread_t one, other;

	pthread_spin_init(&lock, PTHREAD_PROCESS_PRIVATE);
	pthread_create(&one, NULL, worker, NULL);
	pthread_create(&other, NULL, worker, NULL);
	pthread_join(one, NULL);
	pthread_join(other, NULL);
	pthread_spin_destroy(&lock);
	return 0;
}
