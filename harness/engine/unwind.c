/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Forced unwinding, after the model of glibc's nptl/unwind.c: libgcc walks the frames, runs landing
 * pads, and asks stop() at each one. C code without unwind tables registered its handlers in a
 * chain of buffers (pthread_cleanup_push); when the walk has passed the frame of the innermost one,
 * or ends, control jumps into that buffer, whose code runs the handler and calls
 * __pthread_unwind_next(). At the end of the stack the thread ends.
 */
#include "engine/unwind.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/insist.h"
#include "engine/state.h"
#include "engine/takeover/real.h"
#include "engine/thread.h"

/* The ABI of <unwind.h>, which we may not link to. */
#define UNWIND_END_OF_STACK 16
struct unwind_exception {
	uint64_t exception_class;
	void (*cleanup)(int, struct unwind_exception *);
	uint64_t private_1, private_2;
} __attribute__((aligned(16)));

/* glibc's __pthread_unwind_buf_t on x86-64: a jmp_buf without signal mask, then the chain. */
struct cancel_buffer {
	uint64_t registers[8]; /* rbx rbp r12 r13 r14 r15 rsp rip; rbp, rsp and rip mangled */
	int mask_was_saved;
	struct cancel_buffer *previous;
	void *unused[3];
};

static struct unwind_exception exceptions[THREADS_MAX];

/* setjmp stores the stack pointer xored with the pointer guard and rotated (sysdeps/x86_64,
 * PTR_MANGLE). */
static uintptr_t buffer_stack(const struct cancel_buffer *buffer)
{
	uint64_t value = buffer->registers[6];
	uint64_t guard;

	__asm__("movq %%fs:0x30, %0" : "=r"(guard));
	value = value >> 17 | value << 47;
	return value ^ guard;
}

static int stop(int version, int actions, uint64_t class, struct unwind_exception *exception,
		void *context, void *argument)
{
	struct fiber *f = fiber_of(engine_current);
	struct cancel_buffer *buffer = f->cleanup;

	(void)version;
	(void)class;
	(void)exception;
	(void)argument;
	if (buffer && ((actions & UNWIND_END_OF_STACK) ||
		       real.unwind_get_cfa(context) > buffer_stack(buffer))) {
		f->cleanup = buffer->previous;
		real.longjmp(buffer, 1);
	}
	if (actions & UNWIND_END_OF_STACK)
		thread_finish(f->thread.exit_value);
	return 0; /* _URC_NO_REASON: go on */
}

void thread_unwind_next(void)
{
	struct fiber *f = fiber_of(engine_current);
	struct unwind_exception *exception = &exceptions[f->thread.id];
	struct cancel_buffer *buffer;

	if (real.unwind_forced) {
		memset(exception, 0, sizeof(*exception));
		real.unwind_forced(exception, (void *)(uintptr_t)stop, NULL);
	}
	/* No unwinder, or a frame without tables stops it: the handlers that C registered still
	 * run. */
	buffer = f->cleanup;
	if (buffer) {
		f->cleanup = buffer->previous;
		real.longjmp(buffer, 1);
	}
	thread_finish(f->thread.exit_value);
}

void thread_unwind(void *value)
{
	struct fiber *f = fiber_of(engine_current);

	f->thread.exiting = 1;
	f->thread.exit_value = value;
	thread_unwind_next();
}

void engine_unwind_next(void)
{
	thread_unwind_next();
}

void engine_cleanup_push(void *buffer)
{
	struct fiber *f = fiber_of(engine_current);
	struct cancel_buffer *b = buffer;

	b->previous = f->cleanup;
	f->cleanup = b;
}

void engine_cleanup_pop(void *buffer)
{
	fiber_of(engine_current)->cleanup = ((struct cancel_buffer *)buffer)->previous;
}
