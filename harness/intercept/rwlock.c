/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pthread_rwlock_*. The attribute functions stay glibc's: an attribute object is two plain ints,
 * read here.
 */
#include <assert.h>
#include <errno.h>
#include <pthread.h>

#include "intercept/timed.h"

/* pthread_rwlockattr_t, as glibc's attribute functions set it; the union is padded to 8 bytes. */
struct rwlockattr {
	int preference;
	int pshared;
};
static_assert(sizeof(struct rwlockattr) == sizeof(pthread_rwlockattr_t),
	      "glibc's attribute object");

INTERPOSE int pthread_rwlock_init(pthread_rwlock_t *rwlock, const pthread_rwlockattr_t *attr)
{
	struct op *op;

	TOUCH(rwlock);
	op = engine_publish(OP_RWLOCK_INIT, rwlock, CALLER);
	op->args[0] =
		attr ? (uint64_t)((const struct rwlockattr *)(const void *)attr)->preference : 0;
	return engine_step_int();
}

static int perform(enum op_kind kind, pthread_rwlock_t *rwlock, void *site)
{
	TOUCH(rwlock);
	engine_publish(kind, rwlock, site);
	return engine_step_int();
}

INTERPOSE int pthread_rwlock_destroy(pthread_rwlock_t *rwlock)
{
	return perform(OP_RWLOCK_DESTROY, rwlock, CALLER);
}

INTERPOSE int pthread_rwlock_rdlock(pthread_rwlock_t *rwlock)
{
	TOUCH(rwlock);
	return step_for_lock(OP_RWLOCK_RDLOCK, rwlock, OP_NO_DEADLINE, CALLER);
}

INTERPOSE int pthread_rwlock_tryrdlock(pthread_rwlock_t *rwlock)
{
	return perform(OP_RWLOCK_TRYRDLOCK, rwlock, CALLER);
}

INTERPOSE int pthread_rwlock_wrlock(pthread_rwlock_t *rwlock)
{
	TOUCH(rwlock);
	return step_for_lock(OP_RWLOCK_WRLOCK, rwlock, OP_NO_DEADLINE, CALLER);
}

INTERPOSE int pthread_rwlock_trywrlock(pthread_rwlock_t *rwlock)
{
	return perform(OP_RWLOCK_TRYWRLOCK, rwlock, CALLER);
}

INTERPOSE int pthread_rwlock_unlock(pthread_rwlock_t *rwlock)
{
	return perform(OP_RWLOCK_UNLOCK, rwlock, CALLER);
}

static int lock_until(enum op_kind kind, pthread_rwlock_t *rwlock, clockid_t clock,
		      const struct timespec *abstime, void *site)
{
	TOUCH(rwlock);
	if (!timed_clock(clock) || !timed_valid(abstime))
		return EINVAL;
	return step_for_lock(kind, rwlock, timed_deadline(clock, abstime), site);
}

INTERPOSE int pthread_rwlock_timedrdlock(pthread_rwlock_t *rwlock, const struct timespec *abstime)
{
	return lock_until(OP_RWLOCK_RDLOCK, rwlock, CLOCK_REALTIME, abstime, CALLER);
}

INTERPOSE int pthread_rwlock_timedwrlock(pthread_rwlock_t *rwlock, const struct timespec *abstime)
{
	return lock_until(OP_RWLOCK_WRLOCK, rwlock, CLOCK_REALTIME, abstime, CALLER);
}

INTERPOSE int pthread_rwlock_clockrdlock(pthread_rwlock_t *rwlock, clockid_t clock,
					 const struct timespec *abstime)
{
	return lock_until(OP_RWLOCK_RDLOCK, rwlock, clock, abstime, CALLER);
}

INTERPOSE int pthread_rwlock_clockwrlock(pthread_rwlock_t *rwlock, clockid_t clock,
					 const struct timespec *abstime)
{
	return lock_until(OP_RWLOCK_WRLOCK, rwlock, clock, abstime, CALLER);
}

ALIAS(__pthread_rwlock_init, pthread_rwlock_init);
ALIAS(__pthread_rwlock_destroy, pthread_rwlock_destroy);
ALIAS(__pthread_rwlock_rdlock, pthread_rwlock_rdlock);
ALIAS(__pthread_rwlock_tryrdlock, pthread_rwlock_tryrdlock);
ALIAS(__pthread_rwlock_wrlock, pthread_rwlock_wrlock);
ALIAS(__pthread_rwlock_trywrlock, pthread_rwlock_trywrlock);
ALIAS(__pthread_rwlock_unlock, pthread_rwlock_unlock);
