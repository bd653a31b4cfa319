/* SPDX-License-Identifier: Apache-2.0 */
/*
 * C11's thrd_*, mtx_* and cnd_*: the same operations as pthread's, with C11's results. (tss_* stand
 * with the keys, call_once() with pthread_once().) glibc's own call pthread functions inside libc,
 * past every interposition, so each is defined anew, save thrd_equal(), which just compares.
 *
 * A thread's function returns int. It is started as if it returned a pointer, which is how glibc
 * does it, too: the int is in the low half of the register, and thrd_join() reads no more than
 * that.
 */
#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <threads.h>

#include "engine/calls/system.h"
#include "engine/thread.h"
#include "intercept/timed.h"
#include "model/mutex.h"

static_assert(sizeof(thrd_t) == sizeof(pthread_t), "C11's threads are POSIX's");
static_assert(sizeof(mtx_t) == sizeof(pthread_mutex_t), "and so are its mutexes");
static_assert(sizeof(cnd_t) == sizeof(pthread_cond_t), "and its conditions");

static int result_of(long error)
{
	switch (error) {
	case 0:
		return thrd_success;
	case ENOMEM:
		return thrd_nomem;
	case ETIMEDOUT:
		return thrd_timedout;
	case EBUSY:
		return thrd_busy;
	default:
		return thrd_error;
	}
}

static int perform(enum op_kind kind, void *object, void *site)
{
	TOUCH(object);
	engine_publish(kind, object, site);
	return result_of(engine_step());
}

/* ---- threads ---- */

INTERPOSE int thrd_create(thrd_t *thread, thrd_start_t function, void *argument)
{
	void *(*const start)(void *) = (void *(*)(void *))(uintptr_t)function;

	engine_publish(OP_THREAD_CREATE, (void *)(uintptr_t)function, CALLER);
	engine_step();
	return result_of(engine_thread_create(thread, NULL, start, argument, CALLER));
}

INTERPOSE thrd_t thrd_current(void)
{
	return (thrd_t)engine_current->handle;
}

INTERPOSE int thrd_detach(thrd_t thread)
{
	struct thread *target = engine_thread(thread);

	if (!target) {
		engine_misuse(CAUSE_NO_SUCH_THREAD, NULL, CALLER);
		return thrd_error;
	}
	engine_publish(OP_THREAD_DETACH, target, CALLER);
	return result_of(engine_step());
}

INTERPOSE int thrd_join(thrd_t thread, int *result)
{
	struct thread *target = engine_thread(thread);
	long error;

	if (!target) {
		engine_misuse(CAUSE_NO_SUCH_THREAD, NULL, CALLER);
		return thrd_error;
	}
	engine_publish(OP_THREAD_JOIN, target, CALLER)->flags = OP_CANCELLATION_POINT;
	error = engine_step();
	if (error == 0 && result)
		*result = (int)(uintptr_t)target->exit_value;
	return result_of(error);
}

INTERPOSE void thrd_exit(int result)
{
	engine_thread_exit((void *)(uintptr_t)result);
}

INTERPOSE void thrd_yield(void)
{
	engine_publish(OP_YIELD, NULL, CALLER);
	engine_step();
}

/* 0, -1 when a signal came, -2 for any other failure: the standard asks for "negative". */
INTERPOSE int thrd_sleep(const struct timespec *duration, struct timespec *remaining)
{
	const long args[6] = { CLOCK_REALTIME, 0, (long)duration, (long)remaining };
	const long error = system_call(SYS_clock_nanosleep, args, CALLER);

	return error == 0 ? 0 : error == -EINTR ? -1 : -2;
}

/* ---- mutexes ---- */

INTERPOSE int mtx_init(mtx_t *mutex, int type)
{
	struct op *op;

	TOUCH(mutex);
	op = engine_publish(OP_MUTEX_INIT, mutex, CALLER);
	op->args[0] = type & mtx_recursive ? MUTEX_RECURSIVE : MUTEX_NORMAL;
	op->args[1] = 0;
	return result_of(engine_step());
}

INTERPOSE void mtx_destroy(mtx_t *mutex)
{
	perform(OP_MUTEX_DESTROY, mutex, CALLER);
}

INTERPOSE int mtx_lock(mtx_t *mutex)
{
	TOUCH(mutex);
	return result_of(step_for_mutex(mutex, CALLER));
}

INTERPOSE int mtx_trylock(mtx_t *mutex)
{
	return perform(OP_MUTEX_TRYLOCK, mutex, CALLER);
}

INTERPOSE int mtx_unlock(mtx_t *mutex)
{
	return perform(OP_MUTEX_UNLOCK, mutex, CALLER);
}

INTERPOSE int mtx_timedlock(mtx_t *restrict mutex, const struct timespec *restrict until)
{
	TOUCH(mutex);
	return result_of(
		step_for_lock(OP_MUTEX_LOCK, mutex, timed_deadline(CLOCK_REALTIME, until), CALLER));
}

/* ---- conditions ---- */

INTERPOSE int cnd_init(cnd_t *cond)
{
	TOUCH(cond);
	engine_publish(OP_COND_INIT, cond, CALLER)->args[0] = 0;
	return result_of(engine_step());
}

INTERPOSE void cnd_destroy(cnd_t *cond)
{
	perform(OP_COND_DESTROY, cond, CALLER);
}

INTERPOSE int cnd_signal(cnd_t *cond)
{
	return perform(OP_COND_SIGNAL, cond, CALLER);
}

INTERPOSE int cnd_broadcast(cnd_t *cond)
{
	return perform(OP_COND_BROADCAST, cond, CALLER);
}

INTERPOSE int cnd_wait(cnd_t *cond, mtx_t *mutex)
{
	return result_of(cond_wait_until(cond, mutex, OP_NO_DEADLINE, CALLER));
}

INTERPOSE int cnd_timedwait(cnd_t *restrict cond, mtx_t *restrict mutex,
			    const struct timespec *restrict until)
{
	if (!timed_valid(until))
		return thrd_error;
	return result_of(
		cond_wait_until(cond, mutex, timed_deadline(CLOCK_REALTIME, until), CALLER));
}
