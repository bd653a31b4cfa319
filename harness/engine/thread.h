/* SPDX-License-Identifier: Apache-2.0 */
/* What the interception of pthread.h asks of the engine about threads. All on the calling fiber's
 * stack. */
#ifndef JOSTLE_ENGINE_THREAD_H
#define JOSTLE_ENGINE_THREAD_H

#include <pthread.h>
#include <stdbool.h>

#include "event/thread.h"

/* The thread of a pthread_t, finished ones included; NULL: none of this schedule. */
struct thread *engine_thread(pthread_t handle);

/* Makes the thread, ready to start; *handle is set before it can run. 0, or EAGAIN, EINVAL as
 * pthread_create. */
int engine_thread_create(pthread_t *handle, const pthread_attr_t *attributes,
			 void *(*start)(void *), void *argument, void *site);

/* A thread that libc would make for itself: detached, created by the current one. False: there can
 * be none. */
struct engine_start {
	void *(*function)(void *);
	void *argument;
	const pthread_attr_t *attributes; /* or NULL */
	uint64_t signals_blocked;
	bool notified;    /* the function is one of a sigevent, and takes its value */
	const char *name; /* or NULL */
};
bool engine_thread_start(const struct engine_start *, void *site);

/* pthread_exit, or the end by cancellation: unwinds and never returns. */
_Noreturn void engine_thread_exit(void *value);

/* An asynchronous cancellation is pending and may end the thread where it is. */
static inline bool thread_is_cancelled(const struct thread *t)
{
	return t->cancel_pending && t->cancel_async && !t->cancel_disabled && !t->exiting;
}

/* The chain of pthread_cleanup_push's buffers. */
void engine_cleanup_push(void *buffer);
void engine_cleanup_pop(void *buffer);
_Noreturn void engine_unwind_next(void);

/* What a thread is called that was given no name: the process's, as the kernel has it,
 * THREAD_NAME_MAX bytes of which those that are not used are zero. */
const char *engine_process_name(void);

/* The kernel's name of a thread, THREAD_NAME_MAX bytes: the one that it was given, or its creator
 * had. Longer names are cut. */
const char *engine_thread_name(const struct thread *t);
void engine_thread_rename(struct thread *t, const char *name);

/* The size of the guard area that the thread was created with. */
size_t engine_thread_guard(const struct thread *t);

/* The stack that the thread runs on: what pthread_getattr_np must say. */
void engine_thread_stack(const struct thread *t, void **low, size_t *size);

#endif
