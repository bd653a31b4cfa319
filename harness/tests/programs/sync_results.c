/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the functions of pthread.h, semaphore.h and threads.h return, one expectation a line. Exits
 * 0 when all hold, natively as well as controlled; prints those that do not. No line depends on the
 * schedule, and none is undefined.
 */
#include "sync_results.h"

static void *lock_and_die(void *mutex)
{
	return (void *)(intptr_t)pthread_mutex_lock(mutex);
}

static void *trylock(void *mutex)
{
	return (void *)(intptr_t)pthread_mutex_trylock(mutex);
}

static void *unlock(void *mutex)
{
	return (void *)(intptr_t)pthread_mutex_unlock(mutex);
}

static void mutex_of(pthread_mutex_t *mutex, int type, int robust, int protocol)
{
	pthread_mutexattr_t attr;

	EXPECT(pthread_mutexattr_init(&attr), 0);
	EXPECT(pthread_mutexattr_settype(&attr, type), 0);
	EXPECT(pthread_mutexattr_setrobust(&attr, robust), 0);
	EXPECT(pthread_mutexattr_setprotocol(&attr, protocol), 0);
	EXPECT(pthread_mutex_init(mutex, &attr), 0);
	EXPECT(pthread_mutexattr_destroy(&attr), 0);
}

static void mutexes(void)
{
	pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
	struct timespec soon = from_now(CLOCK_REALTIME, 2);

	EXPECT(pthread_mutex_lock(&m), 0);
	EXPECT(pthread_mutex_trylock(&m), EBUSY);
	EXPECT(in_thread(trylock, &m), EBUSY);
	EXPECT(pthread_mutex_timedlock(&m, &past), ETIMEDOUT);
	EXPECT(pthread_mutex_timedlock(&m, &soon), ETIMEDOUT);
	EXPECT(pthread_mutex_timedlock(&m, &invalid), EINVAL);
	EXPECT(pthread_mutex_clocklock(&m, CLOCK_MONOTONIC, &past), ETIMEDOUT);
	EXPECT(pthread_mutex_clocklock(&m, CLOCK_PROCESS_CPUTIME_ID, &past), EINVAL);
	EXPECT(pthread_mutex_unlock(&m), 0);
	EXPECT(pthread_mutex_timedlock(&m, &invalid), 0);
	EXPECT(pthread_mutex_unlock(&m), 0);
	EXPECT(pthread_mutex_consistent(&m), EINVAL);
	EXPECT(pthread_mutex_destroy(&m), 0);

	mutex_of(&m, PTHREAD_MUTEX_RECURSIVE, PTHREAD_MUTEX_STALLED, PTHREAD_PRIO_NONE);
	EXPECT(pthread_mutex_lock(&m), 0);
	EXPECT(pthread_mutex_lock(&m), 0);
	EXPECT(pthread_mutex_trylock(&m), 0);
	EXPECT(in_thread(unlock, &m), EPERM);
	EXPECT(pthread_mutex_unlock(&m), 0);
	EXPECT(pthread_mutex_unlock(&m), 0);
	EXPECT(in_thread(trylock, &m), EBUSY);
	EXPECT(pthread_mutex_unlock(&m), 0);
	EXPECT(pthread_mutex_unlock(&m), EPERM);
	EXPECT(pthread_mutex_destroy(&m), 0);

	mutex_of(&m, PTHREAD_MUTEX_ERRORCHECK, PTHREAD_MUTEX_STALLED, PTHREAD_PRIO_INHERIT);
	EXPECT(pthread_mutex_unlock(&m), EPERM);
	EXPECT(pthread_mutex_lock(&m), 0);
	EXPECT(pthread_mutex_lock(&m), EDEADLK);
	EXPECT(pthread_mutex_timedlock(&m, &past), EDEADLK);
	EXPECT(in_thread(unlock, &m), EPERM);
	EXPECT(pthread_mutex_unlock(&m), 0);
	EXPECT(pthread_mutex_destroy(&m), 0);
}

static void robust_mutexes(void)
{
	pthread_mutex_t m;

	mutex_of(&m, PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_ROBUST, PTHREAD_PRIO_NONE);
	EXPECT(in_thread(lock_and_die, &m), 0);
	EXPECT(in_thread(lock_and_die, &m), EOWNERDEAD);
	EXPECT(pthread_mutex_trylock(&m), EOWNERDEAD);
	EXPECT(pthread_mutex_consistent(&m), 0);
	EXPECT(pthread_mutex_consistent(&m), EINVAL);
	EXPECT(pthread_mutex_unlock(&m), 0);
	EXPECT(in_thread(lock_and_die, &m), 0);
	EXPECT(pthread_mutex_lock(&m), EOWNERDEAD);
	EXPECT(pthread_mutex_unlock(&m), 0);
	EXPECT(pthread_mutex_lock(&m), ENOTRECOVERABLE);
	EXPECT(pthread_mutex_destroy(&m), 0);
}

static void ceilings(void)
{
	pthread_mutexattr_t attr;
	pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
	int ceiling = -1;

	EXPECT(pthread_mutex_getprioceiling(&m, &ceiling), EINVAL);
	EXPECT(pthread_mutexattr_init(&attr), 0);
	EXPECT(pthread_mutexattr_setprotocol(&attr, PTHREAD_PRIO_PROTECT), 0);
	EXPECT(pthread_mutexattr_setprioceiling(&attr, 20), 0);
	EXPECT(pthread_mutex_init(&m, &attr), 0);
	EXPECT(pthread_mutex_getprioceiling(&m, &ceiling), 0);
	EXPECT(ceiling, 20);
	EXPECT(pthread_mutex_setprioceiling(&m, 1000, &ceiling), EINVAL);
	EXPECT(pthread_mutex_destroy(&m), 0);
	EXPECT(pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST), 0);
	EXPECT(pthread_mutex_init(&m, &attr), ENOTSUP);
	EXPECT(pthread_mutexattr_destroy(&attr), 0);
}

static void conditions(void)
{
	pthread_cond_t c = PTHREAD_COND_INITIALIZER;
	pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER, checked;
	struct timespec soon = from_now(CLOCK_REALTIME, 2);
	pthread_condattr_t attr;

	EXPECT(pthread_cond_signal(&c), 0);
	EXPECT(pthread_cond_broadcast(&c), 0);
	EXPECT(pthread_mutex_lock(&m), 0);
	EXPECT(pthread_cond_timedwait(&c, &m, &past), ETIMEDOUT);
	EXPECT(pthread_cond_timedwait(&c, &m, &soon), ETIMEDOUT);
	EXPECT(pthread_cond_timedwait(&c, &m, &invalid), EINVAL);
	EXPECT(pthread_cond_clockwait(&c, &m, CLOCK_MONOTONIC, &past), ETIMEDOUT);
	EXPECT(pthread_cond_clockwait(&c, &m, CLOCK_THREAD_CPUTIME_ID, &past), EINVAL);
	EXPECT(in_thread(trylock, &m), EBUSY);
	EXPECT(pthread_mutex_unlock(&m), 0);
	EXPECT(pthread_cond_destroy(&c), 0);

	EXPECT(pthread_condattr_init(&attr), 0);
	EXPECT(pthread_condattr_setclock(&attr, CLOCK_MONOTONIC), 0);
	EXPECT(pthread_condattr_setpshared(&attr, PTHREAD_PROCESS_SHARED), 0);
	EXPECT(pthread_cond_init(&c, &attr), 0);
	mutex_of(&checked, PTHREAD_MUTEX_ERRORCHECK, PTHREAD_MUTEX_STALLED, PTHREAD_PRIO_NONE);
	EXPECT(pthread_cond_wait(&c, &checked), EPERM);
	EXPECT(pthread_mutex_lock(&checked), 0);
	soon = from_now(CLOCK_MONOTONIC, 2);
	EXPECT(pthread_cond_timedwait(&c, &checked, &soon), ETIMEDOUT);
	EXPECT(pthread_mutex_unlock(&checked), 0);
	EXPECT(pthread_cond_destroy(&c), 0);
	EXPECT(pthread_condattr_destroy(&attr), 0);
}

static void *try_to_read(void *lock)
{
	const int error = pthread_rwlock_tryrdlock(lock);

	if (!error)
		pthread_rwlock_unlock(lock);
	return (void *)(intptr_t)error;
}

static void *try_to_write(void *lock)
{
	const int error = pthread_rwlock_trywrlock(lock);

	if (!error)
		pthread_rwlock_unlock(lock);
	return (void *)(intptr_t)error;
}

static void rwlocks(void)
{
	pthread_rwlock_t rw = PTHREAD_RWLOCK_INITIALIZER;

	EXPECT(pthread_rwlock_rdlock(&rw), 0);
	EXPECT(pthread_rwlock_tryrdlock(&rw), 0);
	EXPECT(in_thread(try_to_read, &rw), 0);
	EXPECT(in_thread(try_to_write, &rw), EBUSY);
	EXPECT(pthread_rwlock_timedwrlock(&rw, &past), ETIMEDOUT);
	EXPECT(pthread_rwlock_clockwrlock(&rw, CLOCK_MONOTONIC, &past), ETIMEDOUT);
	EXPECT(pthread_rwlock_unlock(&rw), 0);
	EXPECT(pthread_rwlock_unlock(&rw), 0);
	EXPECT(pthread_rwlock_timedwrlock(&rw, &invalid), EINVAL);
	EXPECT(pthread_rwlock_wrlock(&rw), 0);
	EXPECT(pthread_rwlock_wrlock(&rw), EDEADLK);
	EXPECT(pthread_rwlock_rdlock(&rw), EDEADLK);
	EXPECT(pthread_rwlock_trywrlock(&rw), EBUSY);
	EXPECT(in_thread(try_to_read, &rw), EBUSY);
	EXPECT(pthread_rwlock_timedrdlock(&rw, &past), EDEADLK);
	EXPECT(pthread_rwlock_clockrdlock(&rw, CLOCK_BOOTTIME, &past), EINVAL);
	EXPECT(pthread_rwlock_unlock(&rw), 0);
	EXPECT(pthread_rwlock_destroy(&rw), 0);
}

static void spinlocks_and_barriers(void)
{
	pthread_spinlock_t spin;
	pthread_barrier_t b;

	EXPECT(pthread_spin_init(&spin, PTHREAD_PROCESS_PRIVATE), 0);
	EXPECT(pthread_spin_lock(&spin), 0);
	EXPECT(pthread_spin_trylock(&spin), EBUSY);
	EXPECT(pthread_spin_unlock(&spin), 0);
	EXPECT(pthread_spin_trylock(&spin), 0);
	EXPECT(pthread_spin_unlock(&spin), 0);
	EXPECT(pthread_spin_destroy(&spin), 0);

	EXPECT(pthread_barrier_init(&b, NULL, 0), EINVAL);
	EXPECT(pthread_barrier_init(&b, NULL, UINT_MAX), EINVAL);
	EXPECT(pthread_barrier_init(&b, NULL, 1), 0);
	EXPECT(pthread_barrier_wait(&b), PTHREAD_BARRIER_SERIAL_THREAD);
	EXPECT(pthread_barrier_wait(&b), PTHREAD_BARRIER_SERIAL_THREAD);
	EXPECT(pthread_barrier_destroy(&b), 0);
}

static void *arrive(void *barrier)
{
	return (void *)(intptr_t)pthread_barrier_wait(barrier);
}

static void one_of_three_is_serial(void)
{
	pthread_barrier_t b;
	pthread_t threads[2];
	int serial;

	EXPECT(pthread_barrier_init(&b, NULL, 3), 0);
	for (int i = 0; i < 2; i++)
		EXPECT(pthread_create(&threads[i], NULL, arrive, &b), 0);
	serial = pthread_barrier_wait(&b) == PTHREAD_BARRIER_SERIAL_THREAD;
	for (int i = 0; i < 2; i++) {
		void *value;

		EXPECT(pthread_join(threads[i], &value), 0);
		serial += value == (void *)(intptr_t)PTHREAD_BARRIER_SERIAL_THREAD;
	}
	EXPECT(serial, 1);
	EXPECT(pthread_barrier_destroy(&b), 0);
}

static void semaphores(void)
{
	sem_t s;
	struct timespec soon = from_now(CLOCK_REALTIME, 2);
	int value = -1;

	FAILS(sem_init(&s, 0, (unsigned)INT_MAX + 1), EINVAL);
	EXPECT(sem_init(&s, 0, 1), 0);
	EXPECT(sem_wait(&s), 0);
	FAILS(sem_trywait(&s), EAGAIN);
	FAILS(sem_timedwait(&s, &past), ETIMEDOUT);
	FAILS(sem_timedwait(&s, &soon), ETIMEDOUT);
	FAILS(sem_timedwait(&s, &invalid), EINVAL);
	FAILS(sem_clockwait(&s, CLOCK_MONOTONIC, &past), ETIMEDOUT);
	FAILS(sem_clockwait(&s, CLOCK_PROCESS_CPUTIME_ID, &past), EINVAL);
	EXPECT(sem_post(&s), 0);
	EXPECT(sem_getvalue(&s, &value), 0);
	EXPECT(value, 1);
	FAILS(sem_timedwait(&s, &invalid), EINVAL);
	EXPECT(sem_timedwait(&s, &past), 0);
	errno = 77;
	EXPECT(sem_post(&s), 0);
	EXPECT(errno, 77);
	EXPECT(sem_destroy(&s), 0);
}

int main(void)
{
	mutexes();
	robust_mutexes();
	ceilings();
	conditions();
	rwlocks();
	spinlocks_and_barriers();
	one_of_three_is_serial();
	semaphores();
	if (failures == 0)
		puts("every result is as expected");
	return failures != 0;
}
