/* SPDX-License-Identifier: Apache-2.0 */
/* pthread.h: read-write locks, spin locks, barriers. */
#include <pthread.h>
#include <stdlib.h>

#include "differential.h"

static void *others_try(void *lock)
{
	const struct timespec soon = from_now(CLOCK_REALTIME, 5);

	if (GIVES(pthread_rwlock_tryrdlock(lock)) == 0)
		GIVES(pthread_rwlock_unlock(lock));
	if (GIVES(pthread_rwlock_trywrlock(lock)) == 0)
		GIVES(pthread_rwlock_unlock(lock));
	if (GIVES(pthread_rwlock_timedrdlock(lock, &past)) == 0)
		GIVES(pthread_rwlock_unlock(lock));
	if (GIVES(pthread_rwlock_timedwrlock(lock, &past)) == 0)
		GIVES(pthread_rwlock_unlock(lock));
	if (GIVES(pthread_rwlock_timedwrlock(lock, &soon)) == 0)
		GIVES(pthread_rwlock_unlock(lock));
	if (GIVES(pthread_rwlock_clockrdlock(lock, CLOCK_MONOTONIC, &past)) == 0)
		GIVES(pthread_rwlock_unlock(lock));
	if (GIVES(pthread_rwlock_clockwrlock(lock, CLOCK_REALTIME, &soon)) == 0)
		GIVES(pthread_rwlock_unlock(lock));
	GIVES(pthread_rwlock_timedrdlock(lock, &invalid));
	GIVES(pthread_rwlock_timedwrlock(lock, &invalid));
	GIVES(pthread_rwlock_clockrdlock(lock, CLOCK_REALTIME, &invalid));
	GIVES(pthread_rwlock_clockwrlock(lock, CLOCK_MONOTONIC, &invalid));
	GIVES(pthread_rwlock_clockrdlock(lock, CLOCK_PROCESS_CPUTIME_ID, &past));
	GIVES(pthread_rwlock_clockwrlock(lock, 77, &past));
	return NULL;
}

static void rwlock(int preference, int shared)
{
	pthread_rwlockattr_t attr;
	pthread_rwlock_t lock;

	pthread_rwlockattr_init(&attr);
	pthread_rwlockattr_setkind_np(&attr, preference);
	pthread_rwlockattr_setpshared(&attr, shared);
	GIVES(pthread_rwlock_init(&lock, &attr));
	with(", kind %d shared %d", preference, shared);
	pthread_rwlockattr_destroy(&attr);
	GIVES(pthread_rwlock_rdlock(&lock));
	GIVES(pthread_rwlock_rdlock(&lock));
	GIVES(pthread_rwlock_trywrlock(&lock));
	in_thread(others_try, &lock);
	GIVES(pthread_rwlock_unlock(&lock));
	GIVES(pthread_rwlock_unlock(&lock));
	GIVES(pthread_rwlock_wrlock(&lock));
	GIVES(pthread_rwlock_tryrdlock(&lock));
	GIVES(pthread_rwlock_trywrlock(&lock));
	GIVES(pthread_rwlock_rdlock(&lock)); /* one's own write lock */
	GIVES(pthread_rwlock_wrlock(&lock));
	GIVES(pthread_rwlock_timedrdlock(&lock, &past));
	GIVES(pthread_rwlock_timedwrlock(&lock, &past));
	GIVES(pthread_rwlock_clockrdlock(&lock, CLOCK_MONOTONIC, &past));
	GIVES(pthread_rwlock_clockwrlock(&lock, CLOCK_MONOTONIC, &past));
	in_thread(others_try, &lock);
	GIVES(pthread_rwlock_unlock(&lock));
	in_thread(others_try, &lock);
	GIVES(pthread_rwlock_timedrdlock(&lock, &past));
	GIVES(pthread_rwlock_unlock(&lock));
	GIVES(pthread_rwlock_timedwrlock(&lock, &past));
	GIVES(pthread_rwlock_unlock(&lock));
	GIVES(pthread_rwlock_clockrdlock(&lock, CLOCK_REALTIME, &past));
	GIVES(pthread_rwlock_unlock(&lock));
	GIVES(pthread_rwlock_clockwrlock(&lock, CLOCK_REALTIME, &past));
	GIVES(pthread_rwlock_unlock(&lock));
	GIVES(pthread_rwlock_destroy(&lock));
}

static void rwlocks(void)
{
	pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;

	for (int shared = 0; shared < 2; shared++) {
		rwlock(PTHREAD_RWLOCK_PREFER_READER_NP, shared);
		rwlock(PTHREAD_RWLOCK_PREFER_WRITER_NP, shared);
		rwlock(PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP, shared);
	}
	GIVES(pthread_rwlock_wrlock(&lock));
	GIVES(pthread_rwlock_unlock(&lock));
	GIVES(pthread_rwlock_destroy(&lock));
	GIVES(pthread_rwlock_init(&lock, NULL));
	GIVES(pthread_rwlock_destroy(&lock));
}

static void *others_spin(void *lock)
{
	if (GIVES(pthread_spin_trylock(lock)) == 0)
		GIVES(pthread_spin_unlock(lock));
	return NULL;
}

static pthread_spinlock_t busy;
static int total;

static void *adds(void *unused)
{
	for (int i = 0; i < 20; i++) {
		pthread_spin_lock(&busy);
		total++;
		pthread_spin_unlock(&busy);
	}
	return unused;
}

static void spinlocks(void)
{
	pthread_spinlock_t lock;
	pthread_t threads[2];

	for (int i = 0; i < 4; i++) {
		GIVES(pthread_spin_init(&lock,
					i % 2 ? PTHREAD_PROCESS_SHARED : PTHREAD_PROCESS_PRIVATE));
		GIVES(pthread_spin_lock(&lock));
		GIVES(pthread_spin_trylock(&lock));
		in_thread(others_spin, (void *)&lock);
		GIVES(pthread_spin_unlock(&lock));
		in_thread(others_spin, (void *)&lock);
		GIVES(pthread_spin_trylock(&lock));
		GIVES(pthread_spin_unlock(&lock));
		GIVES(pthread_spin_destroy(&lock));
	}
	GIVES(pthread_spin_init(&busy, 0));
	for (int i = 0; i < 2; i++)
		if (pthread_create(&threads[i], NULL, adds, NULL))
			abort();
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	says("pthread_spin_lock", "counted %d", total);
	GIVES(pthread_spin_destroy(&busy));
}

static void *arrive(void *barrier)
{
	return (void *)(long)pthread_barrier_wait(barrier);
}

static void meeting(unsigned count, int shared)
{
	pthread_barrierattr_t attr;
	pthread_barrier_t barrier;
	pthread_t threads[8];
	int serial = 0, zero = 0;

	pthread_barrierattr_init(&attr);
	pthread_barrierattr_setpshared(&attr, shared);
	GIVES(pthread_barrier_init(&barrier, &attr, count));
	pthread_barrierattr_destroy(&attr);
	for (int round = 0; round < 2; round++) {
		for (unsigned i = 0; i < count; i++)
			if (pthread_create(&threads[i], NULL, arrive, &barrier))
				abort();
		for (unsigned i = 0; i < count; i++) {
			void *value = NULL;

			pthread_join(threads[i], &value);
			serial += (long)value == PTHREAD_BARRIER_SERIAL_THREAD;
			zero += (long)value == 0;
		}
		says("pthread_barrier_wait", "%d serial, %d others", serial, zero);
	}
	GIVES(pthread_barrier_destroy(&barrier));
}

static void barriers(void)
{
	pthread_barrier_t barrier;

	GIVES(pthread_barrier_init(&barrier, NULL, 0));
	GIVES(pthread_barrier_init(&barrier, NULL, 0x80000000u));
	GIVES(pthread_barrier_init(&barrier, NULL, 1));
	for (int i = 0; i < 3; i++)
		says("pthread_barrier_wait", "alone, serial %d",
		     pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD);
	GIVES(pthread_barrier_destroy(&barrier));
	meeting(1, 0);
	meeting(2, 1);
	meeting(3, 0);
	meeting(8, 1);
}

void locks(void)
{
	rwlocks();
	spinlocks();
	barriers();
}
