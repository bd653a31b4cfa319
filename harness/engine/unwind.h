/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Forced unwinding of a fiber, and what the interception layer keeps per thread that must run when
 * it ends.
 */
#ifndef JOSTLE_ENGINE_UNWIND_H
#define JOSTLE_ENGINE_UNWIND_H

/* Unwinds the current fiber, running cleanup handlers and destructors on the way, and ends it with
 * that value. On its stack. */
_Noreturn void thread_unwind(void *value);

/* Goes on unwinding past a handler of pthread_cleanup_push (__pthread_unwind_next). */
_Noreturn void thread_unwind_next(void);

/* intercept/key.c: runs the destructors of the current thread's keys, as often as POSIX says. */
void key_run_destructors(void);

#endif
