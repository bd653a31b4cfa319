/* SPDX-License-Identifier: Apache-2.0 */
/* pthread_rwlock_*. */
#include <pthread.h>

#include "threads/lock.h"
#include "threads/real.h"

EXPORT int pthread_rwlock_rdlock(pthread_rwlock_t *lock)
{
	int result;

	if (!lock_begin(OP_RWLOCK_RDLOCK, lock, CALLER, false))
		return REAL(pthread_rwlock_rdlock)(lock);
	result = REAL(pthread_rwlock_rdlock)(lock);
	return lock_end(result, result == 0, lock, CALLER, FAMILY_RWLOCK, true);
}

EXPORT int pthread_rwlock_tryrdlock(pthread_rwlock_t *lock)
{
	int result;

	if (!lock_begin(OP_RWLOCK_TRYRDLOCK, lock, CALLER, true))
		return REAL(pthread_rwlock_tryrdlock)(lock);
	result = REAL(pthread_rwlock_tryrdlock)(lock);
	return lock_end(result, result == 0, lock, CALLER, FAMILY_RWLOCK, true);
}

EXPORT int pthread_rwlock_timedrdlock(pthread_rwlock_t *restrict lock,
				      const struct timespec *restrict until)
{
	int result;

	if (!lock_begin(OP_RWLOCK_RDLOCK, lock, CALLER, true))
		return REAL(pthread_rwlock_timedrdlock)(lock, until);
	result = REAL(pthread_rwlock_timedrdlock)(lock, until);
	return lock_end(result, result == 0, lock, CALLER, FAMILY_RWLOCK, true);
}

EXPORT int pthread_rwlock_wrlock(pthread_rwlock_t *lock)
{
	int result;

	if (!lock_begin(OP_RWLOCK_WRLOCK, lock, CALLER, false))
		return REAL(pthread_rwlock_wrlock)(lock);
	result = REAL(pthread_rwlock_wrlock)(lock);
	return lock_end(result, result == 0, lock, CALLER, FAMILY_RWLOCK, false);
}

EXPORT int pthread_rwlock_trywrlock(pthread_rwlock_t *lock)
{
	int result;

	if (!lock_begin(OP_RWLOCK_TRYWRLOCK, lock, CALLER, true))
		return REAL(pthread_rwlock_trywrlock)(lock);
	result = REAL(pthread_rwlock_trywrlock)(lock);
	return lock_end(result, result == 0, lock, CALLER, FAMILY_RWLOCK, false);
}

EXPORT int pthread_rwlock_timedwrlock(pthread_rwlock_t *restrict lock,
				      const struct timespec *restrict until)
{
	int result;

	if (!lock_begin(OP_RWLOCK_WRLOCK, lock, CALLER, true))
		return REAL(pthread_rwlock_timedwrlock)(lock, until);
	result = REAL(pthread_rwlock_timedwrlock)(lock, until);
	return lock_end(result, result == 0, lock, CALLER, FAMILY_RWLOCK, false);
}

EXPORT int pthread_rwlock_unlock(pthread_rwlock_t *lock)
{
	if (!unlock_begin(OP_RWLOCK_UNLOCK, lock, CALLER))
		return REAL(pthread_rwlock_unlock)(lock);
	return unlock_end(REAL(pthread_rwlock_unlock)(lock), CALLER);
}
