/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: deadlock lock-cycle
 * A cycle through a mutex, a read lock and a spin lock. */
#include <pthread.h>
#include <stddef.h>

static pthread_mutex_t first = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t second = PTHREAD_RWLOCK_INITIALIZER;
static pthread_spinlock_t third;

static void *reader(void *unused)
{
	pthread_rwlock_rdlock(&second);
	pthread_spin_lock(&third);
	pthread_spin_unlock(&third);
	pthread_rwlock_unlock(&second);
	return unused;
}

static void *spinner(void *unused)
{
	if (FIXED)
		pthread_mutex_lock(&first);
	pthread_spin_lock(&third);
	if (!FIXED)
		pthread_mutex_lock(&first);
	pthread_mutex_unlock(&first);
	pthread_spin_unlock(&third);
	return unused;
}

int main(void)
{
	pthread_t one, other;

	pthread_spin_init(&third, PTHREAD_PROCESS_PRIVATE);
	pthread_create(&one, NULL, reader, NULL);
	pthread_create(&other, NULL, spinner, NULL);
	pthread_mutex_lock(&first);
	pthread_rwlock_wrlock(&second);
	pthread_rwlock_unlock(&second);
	pthread_mutex_unlock(&first);
	pthread_join(one, NULL);
	pthread_join(other, NULL);
	pthread_spin_destroy(&third);
	return 0;
}
