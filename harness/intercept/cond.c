/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pthread_cond_*. The attribute functions stay glibc's: an attribute object is one plain int, read
 * here.
 */
#include <errno.h>
#include <pthread.h>

#include "intercept/timed.h"
#include "model/cond.h"

/* pthread_condattr_t, as glibc's attribute functions set it: bit 0 process-shared, the clock above
 * it. */
struct condattr {
	uint32_t bits;
};
static_assert(sizeof(struct condattr) == sizeof(pthread_condattr_t), "glibc's attribute object");

INTERPOSE int pthread_cond_init(pthread_cond_t *cond, const pthread_condattr_t *attr)
{
	const uint32_t bits = attr ? ((const struct condattr *)(const void *)attr)->bits : 0;
	struct op *op;

	TOUCH(cond);
	op = engine_publish(OP_COND_INIT, cond, CALLER);
	op->args[0] = (bits & 1 ? COND_PSHARED : 0) |
		      (bits >> 1 == CLOCK_MONOTONIC ? COND_CLOCK_MONOTONIC : 0);
	return engine_step_int();
}

INTERPOSE int pthread_cond_destroy(pthread_cond_t *cond)
{
	TOUCH(cond);
	engine_publish(OP_COND_DESTROY, cond, CALLER);
	return engine_step_int();
}

int cond_wait_until(void *cond, void *mutex, uint64_t deadline_ns, void *site)
{
	uint32_t flags = OP_CANCELLATION_POINT | OP_INTERRUPTIBLE;
	uint16_t phase = COND_ENTER;
	uint64_t woken = 0;
	long result;

	TOUCH(cond);
	TOUCH(mutex);
	for (;;) {
		struct op *op = engine_publish(OP_COND_WAIT, cond, site);

		op->object2 = mutex;
		op->flags = flags;
		op->phase = phase;
		op->args[COND_ARG_RESULT] = woken;
		op->deadline_ns = deadline_ns;
		result = engine_step();
		if (__builtin_expect(result < COND_INTERRUPTED && result != EINTR, 1))
			return (int)result;
		/* The handler has run, except when the engine stands aside. */
		if (engine_aside())
			return EDEADLK;
		if (result == EINTR)
			continue;
		phase = COND_WOKEN;
		woken = (uint64_t)(result - COND_INTERRUPTED);
		flags = OP_INTERRUPTIBLE;
		deadline_ns = OP_NO_DEADLINE;
	}
}

INTERPOSE int pthread_cond_wait(pthread_cond_t *cond, pthread_mutex_t *mutex)
{
	return cond_wait_until(cond, mutex, OP_NO_DEADLINE, CALLER);
}

INTERPOSE int pthread_cond_timedwait(pthread_cond_t *cond, pthread_mutex_t *mutex,
				     const struct timespec *abstime)
{
	if (!timed_valid(abstime))
		return EINVAL;
	return cond_wait_until(cond, mutex, timed_deadline(cond_clock(cond), abstime), CALLER);
}

INTERPOSE int pthread_cond_clockwait(pthread_cond_t *cond, pthread_mutex_t *mutex, clockid_t clock,
				     const struct timespec *abstime)
{
	if (!timed_valid(abstime) || !timed_clock(clock))
		return EINVAL;
	return cond_wait_until(cond, mutex, timed_deadline(clock, abstime), CALLER);
}

INTERPOSE int pthread_cond_signal(pthread_cond_t *cond)
{
	TOUCH(cond);
	engine_publish(OP_COND_SIGNAL, cond, CALLER);
	return engine_step_int();
}

INTERPOSE int pthread_cond_broadcast(pthread_cond_t *cond)
{
	TOUCH(cond);
	engine_publish(OP_COND_BROADCAST, cond, CALLER);
	return engine_step_int();
}
