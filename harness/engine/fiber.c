/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of a fiber that need no assembly. */
#include "engine/fiber.h"

#include <asm/prctl.h>
#include <stdbool.h>
#include <sys/mman.h>

#include "base/insist.h"
#include "base/sys.h"

/* switch.S knows these places, relative to the field fs, and where that is. */
#define PLACE(field) (offsetof(struct fiber, field) - offsetof(struct fiber, fs))
_Static_assert(offsetof(struct fiber, fs) == 816, "FIBER_PLACE in switch.S");
_Static_assert(PLACE(must_act) == 24, "switch.S");
_Static_assert(offsetof(struct thread, result) == FIBER_RESULT, "switch.S");
_Static_assert(offsetof(struct fiber, thread) == 0, "a thread pointer is a fiber pointer");
_Static_assert(PLACE(sp) == 8 && PLACE(mxcsr) == 16 && PLACE(fpu_control) == 20 &&
		       PLACE(fpu_status) == 22 && PLACE(segment) == 26,
	       "switch.S");

uint8_t fiber_fsgsbase;

extern char engine_stack[];
extern char engine_stack_top[];
void fiber_trampoline(void);

uint64_t fiber_fs(void)
{
	uint64_t fs;

	if (fiber_fsgsbase)
		__asm__ volatile("rdfsbase %0" : "=r"(fs));
	else
		insist(sys_call2(SYS_arch_prctl, ARCH_GET_FS, (long)&fs) == 0);
	return fs;
}

void fiber_set_fs(uint64_t fs)
{
	if (fiber_fsgsbase)
		__asm__ volatile("wrfsbase %0" : : "r"(fs) : "memory");
	else
		insist(sys_call2(SYS_arch_prctl, ARCH_SET_FS, (long)fs) == 0);
}

bool fiber_engine_has_stack(uintptr_t sp)
{
	return sp - (uintptr_t)engine_stack <= (uintptr_t)(engine_stack_top - engine_stack);
}

void fiber_init(bool has_fsgsbase)
{
	fiber_fsgsbase = has_fsgsbase;
	/* Who overruns it writes. Reads are let through: a garbage collector reads the data of all
	 * libraries, of which this is part. */
	insist(sys_call3(SYS_mprotect, (long)engine_stack, 4096, PROT_READ) == 0);
}

void fiber_prepare(struct fiber *fiber, void (*entry)(struct fiber *))
{
	/* The trampoline's frame starts aligned to 16, with a zero word where a return address
	 * would stand. */
	uintptr_t top = fiber->stack_high & ~(uintptr_t)15;
	struct fiber_frame *frame;

	top -= 16;
	((uint64_t *)top)[0] = 0;
	((uint64_t *)top)[1] = 0;
	frame = (struct fiber_frame *)(top - sizeof(*frame));
	frame->r15 = 0;
	frame->r14 = 0;
	frame->r13 = (uint64_t)(uintptr_t)entry;
	frame->r12 = (uint64_t)(uintptr_t)fiber;
	frame->rbx = 0;
	frame->rbp = 0;
	frame->rip = (uint64_t)(uintptr_t)fiber_trampoline;
	fiber->sp = frame;
	fiber->mxcsr = 0x1f80;
	fiber->fpu_control = 0x37f;
	fiber->fpu_status = 0;
}
