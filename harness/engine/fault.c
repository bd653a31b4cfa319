/* SPDX-License-Identifier: Apache-2.0 */
/* Faults of the program; see fault.h. x86-64 lays a frame as the kernel does in
 * arch/x86/kernel/signal_64.c. */
#include "engine/fault.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <ucontext.h>

#include "base/fmt.h"
#include "base/sys.h"
#include "engine/calls/sud.h"
#include "engine/calls/system.h"
#include "engine/engine.h"
#include "engine/fiber.h"
#include "engine/inline/inline_atomics.h"
#include "engine/processes/process.h"
#include "engine/signal.h"
#include "engine/state.h"
#include "engine/text.h"
#include "engine/time/tsc.h"

#define FAULT_STACK_SIZE    (64U << 10)
#define RED_ZONE            128
#define KERNEL_CONTEXT_SIZE (offsetof(ucontext_t, uc_sigmask) + sizeof(uint64_t))
#define FP_MAGIC1           0x46505853U
#define FP_FXSAVE_SIZE      512
#define FP_SOFTWARE_OFFSET  464 /* struct _fpx_sw_bytes within the fxsave area */

static unsigned char stack[FAULT_STACK_SIZE] __attribute__((aligned(64)));
static const int signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP };

bool fault_is_ours(int signo)
{
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		if (signals[i] == signo)
			return true;
	return false;
}

#if defined(__x86_64__)
/* What the kernel lays down, from the return address upwards. */
struct frame {
	void (*restorer)(void);
	ucontext_t context; /* longer than the kernel's by parts of libc's that the kernel does not
			       know */
	siginfo_t info;
};

/* Runs on the fiber's stack; returning enters sud_restorer with the frame above. */
static void run(int signo, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;
	const uint64_t blocked = engine_current->signals_blocked;

	memcpy(&uc->uc_sigmask, &blocked, sizeof(blocked));
	signal_run_handler(signo, info, context);
	memset(&uc->uc_sigmask, 0, sizeof(blocked)); /* the kernel's own mask stays empty */
}

/* Bytes of floating point and vector state at fpregs. */
static size_t state_size(const void *state)
{
	const uint32_t *software =
		(const uint32_t *)(const void *)((const char *)state + FP_SOFTWARE_OFFSET);

	return software[0] == FP_MAGIC1 ? software[1] : FP_FXSAVE_SIZE;
}

uintptr_t fault_stack_below(const ucontext_t *uc)
{
	return (uintptr_t)uc->uc_mcontext.gregs[REG_RSP] - RED_ZONE;
}

void fault_continue(int signo, const siginfo_t *info, ucontext_t *uc, uintptr_t sp,
		    void (*function)(int, siginfo_t *, void *))
{
	greg_t *r = uc->uc_mcontext.gregs;
	struct frame *f;
	void *state = NULL;

	if (uc->uc_mcontext.fpregs) {
		const size_t size = state_size(uc->uc_mcontext.fpregs);

		sp = (sp - size) & ~(uintptr_t)63;
		state = (void *)sp;
		memcpy(state, uc->uc_mcontext.fpregs, size);
	}
	sp = ((sp - sizeof(*f)) & ~(uintptr_t)15) - 8;
	f = (struct frame *)sp;
	f->restorer = sud_restorer;
	f->info = *info;
	memset(&f->context, 0, sizeof(f->context));
	memcpy(&f->context, uc, KERNEL_CONTEXT_SIZE);
	f->context.uc_mcontext.fpregs = state;
	r[REG_RIP] = (greg_t)(uintptr_t)function;
	r[REG_RSP] = (greg_t)sp;
	r[REG_RDI] = signo;
	r[REG_RSI] = (greg_t)(uintptr_t)&f->info;
	r[REG_RDX] = (greg_t)(uintptr_t)&f->context;
	r[REG_RAX] = 0;
	r[REG_EFL] &= ~0x400L; /* direction flag, as at any function's entry */
}

static void continue_in_handler(int signo, const siginfo_t *info, ucontext_t *uc)
{
	uintptr_t sp = fault_stack_below(uc);
	const stack_t *alternate = signal_stack(engine_current);

	if ((signal_actions[signo].flags & SA_ONSTACK) && alternate->ss_size > 0 &&
	    sp - (uintptr_t)alternate->ss_sp >= alternate->ss_size)
		sp = (uintptr_t)alternate->ss_sp + alternate->ss_size;
	fault_continue(signo, info, uc, sp, run);
}

/* Where the program stands when it faults: not inside the engine, whose own stack this would be. */
static bool on_program_stack(uintptr_t sp)
{
	const struct fiber *f = fiber_of(engine_current);
	const stack_t *alternate = signal_stack(engine_current);

	return (sp >= f->stack_low && sp < f->stack_high) ||
	       sp - (uintptr_t)alternate->ss_sp < alternate->ss_size;
}

/* In a model, on the engine's stack: the memory of a primitive is not there. */
static bool in_model(const ucontext_t *uc)
{
	return engine.phase == PHASE_SCHEDULE && engine.performing &&
	       !on_program_stack((uintptr_t)uc->uc_mcontext.gregs[REG_RSP]) &&
	       text_is_own((uintptr_t)uc->uc_mcontext.gregs[REG_RIP]);
}

static void die(int signo, const siginfo_t *info, const ucontext_t *uc)
{
	static const int order[] = { REG_RIP, REG_RSP, REG_RBP, REG_RBX,
				     REG_R12, REG_R13, REG_R14, REG_R15 };
	const uintptr_t ip = (uintptr_t)uc->uc_mcontext.gregs[REG_RIP];
	const bool performing = in_model(uc);
	const struct thread *t = performing ? engine.performing : engine_current;
	uint64_t registers[8];
	struct finding f = { .kind = FINDING_CRASH,
			     .cause = CAUSE_SIGNAL,
			     .severity = SEVERITY_ERROR };

	if ((signo == SIGSEGV || signo == SIGBUS) && engine_stack_guard(info->si_addr))
		f.cause = CAUSE_STACK_OVERFLOW;
	f.thread = t->id;
	f.step = engine_world.step;
	f.signal = signo;
	/* An address that is none at all: the kernel cannot say which. */
	f.address = info->si_code == SI_KERNEL ? UINT64_MAX : (uint64_t)(uintptr_t)info->si_addr;
	f.site_count = 1;
	f.sites[0].role = SITE_AT;
	f.sites[0].thread = t->id;
	f.sites[0].step = engine_world.step;
	f.sites[0].pc = (uint64_t)(uintptr_t)(performing            ? t->op.site
					      : text_is_program(ip) ? (void *)ip
								    : text_call_site(uc));
	if (f.sites[0].pc == ip)
		f.sites[0].pc = ip + 1; /* sites are return addresses: one past the instruction */
	memcpy(f.sites[0].thread_name, t->name, sizeof(f.sites[0].thread_name));
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		registers[i] = (uint64_t)uc->uc_mcontext.gregs[order[i]];
	/* Whose operation it is was switched away, and its stack can be read as that of any other.
	 */
	if (!performing)
		dump_crash(t, registers);
	engine_died(&f);
}

static void back_to_default(int signo)
{
	const struct kernel_action standard = { .handler = NULL };

	sys_call4(SYS_rt_sigaction, signo, (long)&standard, 0, sizeof(standard.mask));
}

static void on_fault(int signo, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;
	const uintptr_t handler = signal_actions[signo].handler;
	const bool blocked = engine_current->signals_blocked & signal_bit(signo);

	if (tsc_answer(signo, info, uc) || inline_atomics_answer(signo, info, uc))
		return;
	uc->uc_mcontext.gregs[REG_RIP] =
		(greg_t)inline_atomics_origin((uintptr_t)uc->uc_mcontext.gregs[REG_RIP]);
	if (process_is_child || info->si_code <= 0) {
		/* A child of the program, or sent from outside: as if we were not here. */
		back_to_default(signo);
		if (info->si_code <= 0)
			sys_call3(SYS_tgkill, sys_getpid(), sys_gettid(), signo);
		return;
	}
	if (handler > (uintptr_t)SIG_IGN && !blocked &&
	    on_program_stack((uintptr_t)uc->uc_mcontext.gregs[REG_RSP])) {
		continue_in_handler(signo, info, uc);
		return;
	}
	if (signo == SIGTRAP) { /* a breakpoint: for the debugger, or fatal */
		back_to_default(signo);
		return;
	}
	die(signo, info, uc);
}
#endif

int fault_init(void)
{
	const stack_t alternate = { .ss_sp = stack, .ss_size = sizeof(stack) };
	long result = sys_call2(SYS_sigaltstack, (long)&alternate, 0);

#if defined(__x86_64__)
	for (size_t i = 0; result == 0 && i < sizeof(signals) / sizeof(signals[0]); i++)
		result = sud_set_handler(signals[i], on_fault, SA_ONSTACK);
#endif
	return (int)result;
}
