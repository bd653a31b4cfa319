/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fibers: the program's threads, in user space on one kernel thread.
 *
 * A fiber is a thread under test plus a place to run: a stack with a guard below it, and the
 * thread-local storage of a real pthread that was created once and parked for good (pool.h). It is
 * switched by saving the callee-saved registers on its own stack, and by setting the FS base, so
 * errno, locale, stdio locks and the stack protector all find the storage they expect.
 *
 * The scheduler never runs on a fiber's stack: fiber_step() saves the fiber, moves to the engine's
 * stack and calls engine_dispatch(), which returns the fiber to continue. Nothing of the engine's
 * is left on a program's stack but the saved registers, so what a program reads from uninitialised
 * stack does not depend on the engine's history.
 */
#ifndef JOSTLE_ENGINE_FIBER_H
#define JOSTLE_ENGINE_FIBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event/thread.h"

/* Hidden room below what the program asked for: signal frames (AVX-512 state) and the interception
 * layer's own frames. */
#define STACK_SLACK (64UL << 10)
#define STACK_GUARD (64UL << 10)

struct slot;

struct fiber {
	struct thread thread; /* first: a thread pointer is a fiber pointer */
	uint64_t fs;          /* thread pointer: the parked thread's struct pthread */
	void *sp;             /* of a fiber that is switched out: points at struct fiber_frame */
	uint32_t mxcsr;
	uint16_t fpu_control;
	uint16_t fpu_status; /* its exception flags, bits 0 to 6 */
	uint8_t must_act; /* signals or a cancellation to handle on the way out of engine_step() */
	uint8_t start_kind; /* enum fiber_start */
	uint16_t segment;   /* selector that sets the same FS base; 0: none, see pool.h */
	struct slot *slot;
	uintptr_t stack_low;   /* lowest usable byte, slack included; the guard lies below */
	uintptr_t stack_high;  /* where the first frame begins */
	uintptr_t stack_asked; /* bytes that the program asked for */
	size_t guard_asked;
	char comm[THREAD_NAME_MAX]; /* as the kernel would have it: inherited, unlike thread.name,
				       which reports show */
	void *(*start)(void *);
	void *argument;
	void *cleanup;      /* innermost struct cancel_buffer (pthread_cleanup_push), see
			       intercept/cancel.c */
	uint8_t image;      /* the program that it belongs to: state.h */
	uint8_t exiting;    /* unwinding or running destructors */
	uint8_t tls_used;   /* slot must be refreshed before its next use in this schedule */
	uint8_t lingering;  /* linger.h: what was performed, while the thread stands behind it */
	uint16_t file_lock; /* that it waits for: file_lock.h; 0: unknown */
	uint32_t handles;   /* step at which its handler began, counted from 1; 0: it runs none */
	long performed_result;
	struct op performed;
	uint64_t robust_list; /* that the program told the kernel of; 0: libc's */
};

#define FIBER_RESULT 8 /* of thread.result, for switch.S */

/* What fiber_step() leaves on the fiber's stack, lowest address first. A stack is unwound from the
 * instruction fiber_saved, where it is the frame of fiber_step(): its caller's place is a return
 * address then, like all others. */
struct fiber_frame {
	uint64_t r15, r14, r13, r12, rbx, rbp, rip;
};
extern char fiber_saved[];

/* Publishes nothing: the caller has filled engine_current->op. Returns when this fiber is to run
 * on; engine_current->result is set. */
void fiber_step(void);

/* engine_step() is its other name, for the interception layer: engine/engine.h. Both go on, on the
 * fiber's own stack, to engine_act() when the step loop has set must_act, and to
 * engine_step_aside() when the engine stands aside. */
long engine_act(void);
long engine_step_aside(void);
extern uint8_t engine_is_aside;

/* Leaves the present context for good and continues the given fiber; used to enter the first one.
 */
_Noreturn void fiber_enter(struct fiber *fiber);

/* Leaves the present stack for good: calls a function that does not return on the engine's. */
_Noreturn void fiber_engine(void (*function)(void));

/* Called on the engine's stack by the fiber `from` that takes a step; engine/step.c. Says which one
 * to continue: in two registers. */
struct switching {
	struct fiber *to;
	struct fiber *from;
};
struct switching engine_dispatch(void);

/* Makes the fiber's context such that its first switch calls entry(fiber) on its stack. */
void fiber_prepare(struct fiber *fiber, void (*entry)(struct fiber *));

/* Whether that is the stack on which engine_dispatch() runs. */
bool fiber_engine_has_stack(uintptr_t sp);

/* Chooses between wrfsbase and arch_prctl once; has_fsgsbase as the kernel says in AT_HWCAP2. */
void fiber_init(bool has_fsgsbase);
extern uint8_t fiber_fsgsbase;
uint64_t fiber_fs(void);
/* Sets the FS base of this kernel thread, and the engine's idea of it. */
void fiber_set_fs(uint64_t fs);

static inline struct fiber *fiber_of(struct thread *t)
{
	return (struct fiber *)t;
}

#endif
