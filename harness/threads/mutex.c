/* SPDX-License-Identifier: Apache-2.0 */
/* pthread_mutex_*, pthread_spin_*. */
#include <pthread.h>

#include "threads/lock.h"
#include "threads/real.h"

EXPORT int pthread_mutex_lock(pthread_mutex_t *mutex)
{
	int result;

	if (!lock_begin(OP_MUTEX_LOCK, mutex, CALLER, false))
		return REAL(pthread_mutex_lock)(mutex);
	result = REAL(pthread_mutex_lock)(mutex);
	return lock_end(result, lock_was_taken(result), mutex, CALLER, FAMILY_MUTEX, false);
}

EXPORT int pthread_mutex_trylock(pthread_mutex_t *mutex)
{
	int result;

	if (!lock_begin(OP_MUTEX_TRYLOCK, mutex, CALLER, true))
		return REAL(pthread_mutex_trylock)(mutex);
	result = REAL(pthread_mutex_trylock)(mutex);
	return lock_end(result, lock_was_taken(result), mutex, CALLER, FAMILY_MUTEX, false);
}

EXPORT int pthread_mutex_timedlock(pthread_mutex_t *restrict mutex,
				   const struct timespec *restrict until)
{
	int result;

	if (!lock_begin(OP_MUTEX_LOCK, mutex, CALLER, true))
		return REAL(pthread_mutex_timedlock)(mutex, until);
	result = REAL(pthread_mutex_timedlock)(mutex, until);
	return lock_end(result, lock_was_taken(result), mutex, CALLER, FAMILY_MUTEX, false);
}

EXPORT int pthread_mutex_clocklock(pthread_mutex_t *restrict mutex, clockid_t clock,
				   const struct timespec *restrict until)
{
	int result;

	if (!lock_begin(OP_MUTEX_LOCK, mutex, CALLER, true))
		return REAL(pthread_mutex_clocklock)(mutex, clock, until);
	result = REAL(pthread_mutex_clocklock)(mutex, clock, until);
	return lock_end(result, lock_was_taken(result), mutex, CALLER, FAMILY_MUTEX, false);
}

EXPORT int pthread_mutex_unlock(pthread_mutex_t *mutex)
{
	if (!unlock_begin(OP_MUTEX_UNLOCK, mutex, CALLER))
		return REAL(pthread_mutex_unlock)(mutex);
	return unlock_end(REAL(pthread_mutex_unlock)(mutex), CALLER);
}

EXPORT int pthread_spin_lock(pthread_spinlock_t *lock)
{
	int result;

	if (!lock_begin(OP_SPIN_LOCK, lock, CALLER, false))
		return REAL(pthread_spin_lock)(lock);
	result = REAL(pthread_spin_lock)(lock);
	return lock_end(result, result == 0, lock, CALLER, FAMILY_SPIN, false);
}

EXPORT int pthread_spin_trylock(pthread_spinlock_t *lock)
{
	int result;

	if (!lock_begin(OP_SPIN_TRYLOCK, lock, CALLER, true))
		return REAL(pthread_spin_trylock)(lock);
	result = REAL(pthread_spin_trylock)(lock);
	return lock_end(result, result == 0, lock, CALLER, FAMILY_SPIN, false);
}

EXPORT int pthread_spin_unlock(pthread_spinlock_t *lock)
{
	if (!unlock_begin(OP_SPIN_UNLOCK, lock, CALLER))
		return REAL(pthread_spin_unlock)(lock);
	return unlock_end(REAL(pthread_spin_unlock)(lock), CALLER);
}
