/* SPDX-License-Identifier: Apache-2.0 */
/* pthread.h: creation, end, join, detach, identity, names, cancellation. */
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>

#include "engine/engine.h"
#include "engine/takeover/real.h"
#include "engine/thread.h"
#include "model/models.h"

INTERPOSE int pthread_create(pthread_t *restrict handle, const pthread_attr_t *restrict attributes,
			     void *(*start)(void *), void *restrict argument)
{
	engine_publish(OP_THREAD_CREATE, (void *)(uintptr_t)start, CALLER);
	engine_step();
	return engine_thread_create(handle, attributes, start, argument, CALLER);
}

static int join(pthread_t handle, void **value, enum op_kind kind, uint64_t deadline_ns, void *site)
{
	struct thread *target = engine_thread(handle);
	struct op *op;
	long result;

	if (!target) {
		engine_misuse(CAUSE_NO_SUCH_THREAD, NULL, site);
		return ESRCH;
	}
	op = engine_publish(kind, target, site);
	op->deadline_ns = deadline_ns;
	if (kind == OP_THREAD_JOIN)
		op->flags |= OP_CANCELLATION_POINT;
	result = engine_step();
	if (result == 0 && value)
		*value = target->exit_value;
	return (int)result;
}

INTERPOSE int pthread_join(pthread_t handle, void **value)
{
	return join(handle, value, OP_THREAD_JOIN, OP_NO_DEADLINE, CALLER);
}

INTERPOSE int pthread_tryjoin_np(pthread_t handle, void **value)
{
	return join(handle, value, OP_THREAD_TRYJOIN, OP_NO_DEADLINE, CALLER);
}

static int join_until(pthread_t handle, void **value, clockid_t clock, const struct timespec *until,
		      void *site)
{
	uint64_t deadline_ns = OP_NO_DEADLINE;

	if (until && engine_deadline(clock, until, &deadline_ns) != 0)
		deadline_ns = MODEL_DEADLINE_INVALID;
	return join(handle, value, OP_THREAD_JOIN, deadline_ns, site);
}

INTERPOSE int pthread_timedjoin_np(pthread_t handle, void **value, const struct timespec *until)
{
	return join_until(handle, value, CLOCK_REALTIME, until, CALLER);
}

INTERPOSE int pthread_clockjoin_np(pthread_t handle, void **value, clockid_t clock,
				   const struct timespec *until)
{
	if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC)
		return EINVAL;
	return join_until(handle, value, clock, until, CALLER);
}

INTERPOSE int pthread_detach(pthread_t handle)
{
	struct thread *target = engine_thread(handle);

	if (!target)
		return ESRCH;
	engine_publish(OP_THREAD_DETACH, target, CALLER);
	return engine_step_int();
}

INTERPOSE void pthread_exit(void *value)
{
	engine_thread_exit(value);
}

INTERPOSE pthread_t pthread_self(void)
{
	return (pthread_t)engine_current->handle;
}

INTERPOSE int pthread_equal(pthread_t a, pthread_t b)
{
	return a == b;
}

/* glibc knows the slot; what the program must see is the part of it that it asked for. */
INTERPOSE int pthread_getattr_np(pthread_t handle, pthread_attr_t *attributes)
{
	const struct thread *target = engine_thread(handle);
	void *low;
	size_t size;
	int error;

	if (!target)
		return ESRCH;
	error = real.pthread_getattr_np(handle, attributes);
	if (error)
		return error;
	engine_thread_stack(target, &low, &size);
	pthread_attr_setstack(attributes, low, size);
	pthread_attr_setguardsize(attributes, engine_thread_guard(target));
	pthread_attr_setdetachstate(attributes, target->detached ? PTHREAD_CREATE_DETACHED
								 : PTHREAD_CREATE_JOINABLE);
	return 0;
}

/* ---- names: 15 bytes and a zero, as the kernel keeps them ---- */

INTERPOSE int pthread_setname_np(pthread_t handle, const char *name)
{
	struct thread *target = engine_thread(handle);
	const size_t length = strnlen(name, THREAD_NAME_MAX);

	if (length >= THREAD_NAME_MAX)
		return ERANGE;
	if (!target)
		return ESRCH;
	engine_thread_rename(target, name);
	return 0;
}

INTERPOSE int pthread_getname_np(pthread_t handle, char *name, size_t size)
{
	const struct thread *target = engine_thread(handle);

	if (size < THREAD_NAME_MAX)
		return ERANGE;
	if (!target)
		return ESRCH;
	memcpy(name, engine_thread_name(target), THREAD_NAME_MAX);
	return 0;
}

/* ---- cancellation ---- */

INTERPOSE int pthread_cancel(pthread_t handle)
{
	struct thread *target = engine_thread(handle);
	long result;

	if (!target)
		return ESRCH;
	engine_publish(OP_THREAD_CANCEL, target, CALLER);
	result = engine_step();
	if (target == engine_current && target->cancel_async && !target->cancel_disabled)
		engine_thread_exit(PTHREAD_CANCELED);
	return (int)result;
}

/* The thread has just become open to a cancellation at any time: one may be pending. */
static void act_on_cancellation(void)
{
	if (engine_current->cancel_pending && engine_current->cancel_async &&
	    !engine_current->cancel_disabled && !engine_current->exiting)
		engine_thread_exit(PTHREAD_CANCELED);
}

INTERPOSE int pthread_setcancelstate(int state, int *old)
{
	if (state != PTHREAD_CANCEL_ENABLE && state != PTHREAD_CANCEL_DISABLE)
		return EINVAL;
	if (old)
		*old = engine_current->cancel_disabled ? PTHREAD_CANCEL_DISABLE
						       : PTHREAD_CANCEL_ENABLE;
	engine_current->cancel_disabled = state == PTHREAD_CANCEL_DISABLE;
	act_on_cancellation();
	return 0;
}

INTERPOSE int pthread_setcanceltype(int type, int *old)
{
	if (type != PTHREAD_CANCEL_DEFERRED && type != PTHREAD_CANCEL_ASYNCHRONOUS)
		return EINVAL;
	if (old)
		*old = engine_current->cancel_async ? PTHREAD_CANCEL_ASYNCHRONOUS
						    : PTHREAD_CANCEL_DEFERRED;
	engine_current->cancel_async = type == PTHREAD_CANCEL_ASYNCHRONOUS;
	act_on_cancellation();
	return 0;
}

INTERPOSE void pthread_testcancel(void)
{
	engine_publish(OP_TESTCANCEL, NULL, CALLER)->flags |= OP_CANCELLATION_POINT;
	engine_step();
}

/* ---- what the macros of pthread_cleanup_push expand to ---- */

INTERPOSE void __pthread_register_cancel(__pthread_unwind_buf_t *buffer);
INTERPOSE void __pthread_unregister_cancel(__pthread_unwind_buf_t *buffer);
INTERPOSE void __pthread_register_cancel_defer(__pthread_unwind_buf_t *buffer);
INTERPOSE void __pthread_unregister_cancel_restore(__pthread_unwind_buf_t *buffer);
INTERPOSE void __pthread_unwind_next(__pthread_unwind_buf_t *buffer);

INTERPOSE void __pthread_register_cancel(__pthread_unwind_buf_t *buffer)
{
	engine_cleanup_push(buffer);
}

INTERPOSE void __pthread_unregister_cancel(__pthread_unwind_buf_t *buffer)
{
	engine_cleanup_pop(buffer);
}

INTERPOSE void __pthread_register_cancel_defer(__pthread_unwind_buf_t *buffer)
{
	buffer->__pad[3] = (void *)(uintptr_t)engine_current->cancel_async;
	engine_current->cancel_async = 0;
	engine_cleanup_push(buffer);
}

INTERPOSE void __pthread_unregister_cancel_restore(__pthread_unwind_buf_t *buffer)
{
	engine_cleanup_pop(buffer);
	engine_current->cancel_async = buffer->__pad[3] != NULL;
	act_on_cancellation();
}

INTERPOSE void __pthread_unwind_next(__pthread_unwind_buf_t *buffer)
{
	(void)buffer;
	engine_unwind_next();
}

INTERPOSE int sched_yield(void)
{
	engine_publish(OP_YIELD, NULL, CALLER);
	engine_step();
	return 0;
}

/* <pthread.h> redirects this name to sched_yield; older binaries still hold it. */
INTERPOSE int thread_yield_old_name(void) __asm__("pthread_yield");

int thread_yield_old_name(void)
{
	engine_publish(OP_YIELD, NULL, CALLER);
	engine_step();
	return 0;
}
