/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the compilers call besides accesses. Function entries and exits are of no use here: stacks
 * come from replays, so there is no shadow call stack that a longjmp could upset.
 */
#include "instrument/tsan.h"

/* From the constructor of each instrumented object, before main. */
TSAN void __tsan_init(void);
void __tsan_init(void)
{
	access_instrumented = true;
}

TSAN void __tsan_func_entry(void *caller);
void __tsan_func_entry(void *caller)
{
	(void)caller;
}

TSAN void __tsan_func_exit(void);
void __tsan_func_exit(void)
{
}

TSAN void __tsan_flush_memory(void);
void __tsan_flush_memory(void)
{
}

TSAN void __tsan_ignore_thread_begin(void);
void __tsan_ignore_thread_begin(void)
{
	access_ignore(true);
}

TSAN void __tsan_ignore_thread_end(void);
void __tsan_ignore_thread_end(void)
{
	access_ignore(false);
}

/* Fibers of the program's own: it would have to tell when it switches, and few do. They are one
 * thread here, as to the kernel. */
TSAN void *__tsan_get_current_fiber(void);
void *__tsan_get_current_fiber(void)
{
	return engine_current;
}

TSAN void *__tsan_create_fiber(unsigned flags);
void *__tsan_create_fiber(unsigned flags)
{
	(void)flags;
	return engine_current;
}

TSAN void __tsan_destroy_fiber(void *fiber);
void __tsan_destroy_fiber(void *fiber)
{
	(void)fiber;
}

TSAN void __tsan_switch_to_fiber(void *fiber, unsigned flags);
void __tsan_switch_to_fiber(void *fiber, unsigned flags)
{
	(void)fiber;
	(void)flags;
}

TSAN void __tsan_set_fiber_name(void *fiber, const char *name);
void __tsan_set_fiber_name(void *fiber, const char *name)
{
	(void)fiber;
	(void)name;
}
