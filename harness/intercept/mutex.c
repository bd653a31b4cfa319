/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pthread_mutex_*. The attribute functions stay glibc's: an attribute object is one plain int, read
 * here.
 */
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>

#include "intercept/timed.h"
#include "model/mutex.h"

/* Bits of pthread_mutexattr_t, as glibc's attribute functions set them. */
#define ATTR_ROBUST         0x40000000U
#define ATTR_PSHARED        0x80000000U
#define ATTR_PROTOCOL_SHIFT 28
#define ATTR_PROTOCOL_MASK  0x30000000U
#define ATTR_CEILING_SHIFT  12
#define ATTR_CEILING_MASK   0x00fff000U
#define ATTR_FLAGS          (ATTR_ROBUST | ATTR_PSHARED | ATTR_PROTOCOL_MASK | ATTR_CEILING_MASK)

/* SCHED_FIFO's range of priorities, the same on every Linux. */
enum { PRIORITY_MIN = 1, PRIORITY_MAX = 99 };

struct mutexattr {
	uint32_t kind;
};
static_assert(sizeof(struct mutexattr) == sizeof(pthread_mutexattr_t), "glibc's attribute object");

INTERPOSE int pthread_mutex_init(pthread_mutex_t *mutex, const pthread_mutexattr_t *attr)
{
	const uint32_t bits = attr ? ((const struct mutexattr *)(const void *)attr)->kind : 0;
	uint32_t kind = bits & ~ATTR_FLAGS;
	uint32_t ceiling = (bits & ATTR_CEILING_MASK) >> ATTR_CEILING_SHIFT;
	struct op *op;

	TOUCH(mutex);
	switch ((bits & ATTR_PROTOCOL_MASK) >> ATTR_PROTOCOL_SHIFT) {
	case PTHREAD_PRIO_NONE:
		break;
	case PTHREAD_PRIO_INHERIT:
		kind |= MUTEX_INHERIT;
		break;
	default:
		if (bits & ATTR_ROBUST)
			return ENOTSUP;
		kind |= MUTEX_PROTECT;
		if (ceiling < PRIORITY_MIN)
			ceiling = PRIORITY_MIN;
		break;
	}
	if (bits & ATTR_ROBUST)
		kind |= MUTEX_ROBUST;
	if (bits & (ATTR_ROBUST | ATTR_PSHARED))
		kind |= MUTEX_PSHARED;
	op = engine_publish(OP_MUTEX_INIT, mutex, CALLER);
	op->args[0] = kind;
	op->args[1] = ceiling;
	return engine_step_int();
}

INTERPOSE int pthread_mutex_destroy(pthread_mutex_t *mutex)
{
	TOUCH(mutex);
	engine_publish(OP_MUTEX_DESTROY, mutex, CALLER);
	return engine_step_int();
}

INTERPOSE int pthread_mutex_lock(pthread_mutex_t *mutex)
{
	TOUCH(mutex);
	return step_for_mutex(mutex, CALLER);
}

INTERPOSE int pthread_mutex_trylock(pthread_mutex_t *mutex)
{
	TOUCH(mutex);
	engine_publish(OP_MUTEX_TRYLOCK, mutex, CALLER);
	return engine_step_int();
}

INTERPOSE int pthread_mutex_unlock(pthread_mutex_t *mutex)
{
	TOUCH(mutex);
	engine_publish(OP_MUTEX_UNLOCK, mutex, CALLER);
	return engine_step_int();
}

static int lock_until(pthread_mutex_t *mutex, clockid_t clock, const struct timespec *abstime,
		      void *site)
{
	TOUCH(mutex);
	return step_for_lock(OP_MUTEX_LOCK, mutex, timed_deadline(clock, abstime), site);
}

INTERPOSE int pthread_mutex_timedlock(pthread_mutex_t *mutex, const struct timespec *abstime)
{
	return lock_until(mutex, CLOCK_REALTIME, abstime, CALLER);
}

INTERPOSE int pthread_mutex_clocklock(pthread_mutex_t *mutex, clockid_t clock,
				      const struct timespec *abstime)
{
	if (!timed_clock(clock))
		return EINVAL;
	return lock_until(mutex, clock, abstime, CALLER);
}

INTERPOSE int pthread_mutex_consistent(pthread_mutex_t *mutex)
{
	TOUCH(mutex);
	engine_publish(OP_MUTEX_CONSISTENT, mutex, CALLER);
	return engine_step_int();
}

/* A ceiling changes nobody's priority here; it is kept, because it can be asked for. */
INTERPOSE int pthread_mutex_getprioceiling(const pthread_mutex_t *mutex, int *ceiling)
{
	const struct mutex *m = (const struct mutex *)(const void *)mutex;

	if (m->kind == MUTEX_DESTROYED || !(m->kind & MUTEX_PROTECT))
		return EINVAL;
	*ceiling = m->ceiling;
	return 0;
}

/* Changed by whoever holds the mutex, so it is locked meanwhile, unless the caller owns it and may
 * lock it twice. */
INTERPOSE int pthread_mutex_setprioceiling(pthread_mutex_t *mutex, int ceiling, int *old)
{
	struct mutex *m = (struct mutex *)(void *)mutex;
	int *result = old;
	int error;

	__asm__(""
		: "+r"(result)); /* declared never to be NULL, which glibc accepts all the same */
	if (m->kind == MUTEX_DESTROYED || !(m->kind & MUTEX_PROTECT))
		return EINVAL;
	if (ceiling < PRIORITY_MIN || ceiling > PRIORITY_MAX)
		return EINVAL;
	error = step_for_lock(OP_MUTEX_LOCK, mutex, OP_NO_DEADLINE, CALLER);
	if (error)
		return error;
	if (result)
		*result = m->ceiling;
	m->ceiling = (uint8_t)ceiling;
	engine_publish(OP_MUTEX_UNLOCK, mutex, CALLER);
	return engine_step_int();
}

ALIAS(__pthread_mutex_init, pthread_mutex_init);
ALIAS(__pthread_mutex_destroy, pthread_mutex_destroy);
ALIAS(__pthread_mutex_lock, pthread_mutex_lock);
ALIAS(__pthread_mutex_trylock, pthread_mutex_trylock);
ALIAS(__pthread_mutex_unlock, pthread_mutex_unlock);
/* The header renames this one to the other, so it needs a name of its own on our side. */
ALIAS_SYMBOL(consistent_np, "pthread_mutex_consistent_np", pthread_mutex_consistent);
