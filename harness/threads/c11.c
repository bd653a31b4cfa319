/* SPDX-License-Identifier: Apache-2.0 */
/* threads.h: libc's own functions do not pass the names that the other files interpose. */
#include <stdlib.h>
#include <threads.h>

#include "threads/real.h"
#include "threads/thread.h"
#include "threads/wait.h"

EXPORT int thrd_create(thrd_t *handle, thrd_start_t start, void *argument)
{
	struct thread_birth *birth;
	int result;

	if (!point_begin(&(struct point){ OP_THREAD_CREATE, NULL, NULL, CALLER, true }))
		return REAL(thrd_create)(handle, start, argument);
	birth = thread_announce((uint64_t)(uintptr_t)start, argument, CALLER);
	if (!birth)
		return thrd_nomem;
	birth->start_c11 = start;
	result = REAL(thrd_create)(handle, thread_run_c11, birth);
	if (result != thrd_success)
		free(birth);
	point_end();
	return result;
}

EXPORT int thrd_join(thrd_t handle, int *value)
{
	int result;

	if (!point_begin(
		    &(struct point){ OP_THREAD_JOIN, (const void *)handle, NULL, CALLER, false }))
		return REAL(thrd_join)(handle, value);
	result = REAL(thrd_join)(handle, value);
	point_end();
	return result;
}

EXPORT int mtx_lock(mtx_t *mutex)
{
	int result;

	if (!lock_begin(OP_MUTEX_LOCK, mutex, CALLER, false))
		return REAL(mtx_lock)(mutex);
	result = REAL(mtx_lock)(mutex);
	return lock_end(result, result == thrd_success, mutex, CALLER, FAMILY_MUTEX, false);
}

EXPORT int mtx_trylock(mtx_t *mutex)
{
	int result;

	if (!lock_begin(OP_MUTEX_TRYLOCK, mutex, CALLER, true))
		return REAL(mtx_trylock)(mutex);
	result = REAL(mtx_trylock)(mutex);
	return lock_end(result, result == thrd_success, mutex, CALLER, FAMILY_MUTEX, false);
}

EXPORT int mtx_timedlock(mtx_t *restrict mutex, const struct timespec *restrict until)
{
	int result;

	if (!lock_begin(OP_MUTEX_LOCK, mutex, CALLER, true))
		return REAL(mtx_timedlock)(mutex, until);
	result = REAL(mtx_timedlock)(mutex, until);
	return lock_end(result, result == thrd_success, mutex, CALLER, FAMILY_MUTEX, false);
}

EXPORT int mtx_unlock(mtx_t *mutex)
{
	if (!unlock_begin(OP_MUTEX_UNLOCK, mutex, CALLER))
		return REAL(mtx_unlock)(mutex);
	return unlock_end(REAL(mtx_unlock)(mutex), CALLER);
}

EXPORT int cnd_wait(cnd_t *condition, mtx_t *mutex)
{
	if (!wait_begin(condition, mutex, CALLER, false))
		return REAL(cnd_wait)(condition, mutex);
	return wait_end(REAL(cnd_wait)(condition, mutex), mutex, CALLER);
}

EXPORT int cnd_timedwait(cnd_t *restrict condition, mtx_t *restrict mutex,
			 const struct timespec *restrict until)
{
	if (!wait_begin(condition, mutex, CALLER, true))
		return REAL(cnd_timedwait)(condition, mutex, until);
	return wait_end(REAL(cnd_timedwait)(condition, mutex, until), mutex, CALLER);
}

EXPORT int cnd_signal(cnd_t *condition)
{
	int result;

	if (!signal_begin(OP_COND_SIGNAL, condition, CALLER))
		return REAL(cnd_signal)(condition);
	result = REAL(cnd_signal)(condition);
	point_end();
	return result;
}

EXPORT int cnd_broadcast(cnd_t *condition)
{
	int result;

	if (!signal_begin(OP_COND_BROADCAST, condition, CALLER))
		return REAL(cnd_broadcast)(condition);
	result = REAL(cnd_broadcast)(condition);
	point_end();
	return result;
}

EXPORT void call_once(once_flag *flag, void (*routine)(void))
{
	if (!point_begin(&(struct point){ OP_ONCE_BEGIN, flag, NULL, CALLER, false })) {
		REAL(call_once)(flag, routine);
		return;
	}
	REAL(call_once)(flag, routine);
	point_end();
}

EXPORT void thrd_yield(void)
{
	if (!point_begin(&(struct point){ OP_YIELD, NULL, NULL, CALLER, true })) {
		REAL(thrd_yield)();
		return;
	}
	REAL(thrd_yield)();
	point_end();
}
