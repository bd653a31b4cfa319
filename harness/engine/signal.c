/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Delivery: the handler is called as a function on the fiber's stack (or its alternate one), at the
 * end of the operation that let it in. It may call anything, switch fibers, or longjmp away:
 * nothing of ours waits for its return but the frames below it on that same stack.
 *
 * The kernel's own dispositions are set once: SIGSYS and the faults are ours, SIGPIPE is ignored
 * (EPIPE raises it virtually), what the program ignores stays ignored, and the rest does to the
 * process from outside what it always does.
 */
#include "engine/signal.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>

#include "base/sys.h"
#include "engine/access/access.h"
#include "engine/calls/sud.h"
#include "engine/calls/system.h"
#include "engine/descriptors/special.h"
#include "engine/fiber.h"
#include "engine/log.h"
#include "engine/processes/process.h"
#include "engine/processes/processes.h"

static struct signal_action actions_at_take[SIGNALS_MAX + 1];
static uint64_t blocked_at_take;
static stack_t stack_at_take;
static bool dirty;
static stack_t stacks[THREADS_MAX];
static unsigned handlers_run,
	handlers_restarting; /* since signal_forget_handlers() of the current call */

int signal_init(void)
{
	const struct signal_action ignore = { .handler = (uintptr_t)SIG_IGN };
	const struct signal_action standard = { .handler = (uintptr_t)SIG_DFL };
	const uint64_t none = 0;
	uint64_t blocked = 0;

	for (int signo = 1; signo <= SIGNALS_MAX; signo++) {
		struct signal_action *a = &signal_actions[signo];

		sys_call4(SYS_rt_sigaction, signo, 0, (long)a, sizeof(a->mask));
		if (a->handler > (uintptr_t)SIG_IGN && signo != 32 &&
		    signo != 33) /* libc's own two */
			sys_call4(SYS_rt_sigaction, signo, (long)&standard, 0, sizeof(a->mask));
	}
	sys_call4(SYS_rt_sigaction, SIGPIPE, (long)&ignore, 0, sizeof(ignore.mask));
	sys_call4(SYS_rt_sigprocmask, SIG_SETMASK, (long)&none, (long)&blocked, sizeof(none));
	engine_world.threads[0]->signals_blocked = blocked;
	sys_call2(SYS_sigaltstack, 0, (long)&stacks[0]);
	return 0;
}

void signal_take_snapshot(void)
{
	memcpy(actions_at_take, signal_actions, sizeof(actions_at_take));
	blocked_at_take = engine_world.threads[0]->signals_blocked;
	stack_at_take = stacks[0];
	dirty = false;
}

void signal_reset(void)
{
	signal_forget();
	if (!dirty)
		return;
	memcpy(signal_actions, actions_at_take, sizeof(signal_actions));
	dirty = false;
}

void signal_make_dirty(void)
{
	dirty = true;
}

void signal_thread_started(struct thread *thread, const struct thread *creator)
{
	thread->signals_pending = 0;
	thread->signals_blocked = creator ? creator->signals_blocked : blocked_at_take;
	stacks[thread->id] = creator ? (stack_t){ .ss_flags = SS_DISABLE } : stack_at_take;
}

void signal_thread_ended(struct thread *thread)
{
	signal_forget_thread(thread);
}

void signal_forked(struct thread *thread, const struct thread *parent)
{
	signal_forget();
	stacks[thread->id] = stacks[parent->id];
}

stack_t *signal_stack(const struct thread *t)
{
	return &stacks[t->id];
}

siginfo_t signal_info(int signo, int code)
{
	siginfo_t info;

	memset(&info, 0, sizeof(info));
	info.si_signo = signo;
	info.si_code = code;
	if (code == SI_USER || code == SI_TKILL || code == SI_QUEUE) {
		info.si_pid = (pid_t)sys_getpid();
		info.si_uid = (uid_t)sys_call0(SYS_getuid);
	}
	return info;
}

void signal_refresh_fds(void)
{
	special_refresh();
}

void signal_raise(int signo)
{
	const siginfo_t info = signal_info(signo, SI_KERNEL);

	signal_make_dirty();
	signal_post(&engine_world, engine_current, &info);
	signal_refresh_fds();
	if (signal_pending_for(engine_current))
		signal_deliver();
}

void signal_forget_handlers(void)
{
	handlers_run = 0;
	handlers_restarting = 0;
}

bool signal_restarts(bool restartable)
{
	return handlers_run == 0 || (restartable && handlers_restarting == handlers_run);
}

/* What the default action of a signal comes to. */
static struct finding fatal_finding(int signo)
{
	const struct thread *t = engine_current;
	struct finding f = { .kind = FINDING_CRASH, .severity = SEVERITY_ERROR };

	f.cause = signo == SIGABRT ? CAUSE_ABORT : CAUSE_KILLED;
	f.thread = t->id;
	f.step = engine_world.step;
	f.signal = signo;
	f.site_count = 1;
	f.sites[0].role = SITE_AT;
	f.sites[0].thread = t->id;
	f.sites[0].step = engine_world.step;
	f.sites[0].op_kind = (uint8_t)t->op.kind;
	f.sites[0].pc = (uint64_t)(uintptr_t)t->op.site;
	memcpy(f.sites[0].thread_name, t->name, sizeof(f.sites[0].thread_name));
	return f;
}

void signal_report_fatal(void)
{
	const struct finding f = fatal_finding(signal_fatal);

	engine_report(&f);
}

static _Noreturn void terminate(int signo)
{
	const struct finding f = fatal_finding(signo);

	/* What a process dies of is for its parent to judge. That it aborts is an error, unless the
	 * parent asks how it ended (report_judged()). */
	if (world_process != 0) {
		if (signo == SIGABRT)
			engine_report(&f);
		process_die(signo);
	}
	engine_end_schedule(&f, 128 + signo);
}

static bool on_stack(const stack_t *stack, uintptr_t sp)
{
	return sp - (uintptr_t)stack->ss_sp < stack->ss_size;
}

/* A context as far as one can tell: where the interrupted operation stands, and the mask that comes
 * back. */
static void fill_context(ucontext_t *uc, const struct thread *t)
{
	memset(uc, 0, sizeof(*uc));
	uc->uc_stack = stacks[t->id];
	memcpy(&uc->uc_sigmask, &t->signals_blocked, sizeof(t->signals_blocked));
#if defined(__x86_64__)
	uc->uc_mcontext.gregs[REG_RIP] = (greg_t)(uintptr_t)t->op.site;
	uc->uc_mcontext.gregs[REG_RSP] = (greg_t)(uintptr_t)__builtin_frame_address(0);
	uc->uc_mcontext.gregs[REG_RBP] = (greg_t)(uintptr_t)__builtin_frame_address(0);
#endif
}

/* nested: as the kernel does, other signals that its mask lets in interrupt the handler before its
 * first instruction. */
static void run_handler(int signo, siginfo_t *info, void *context, bool nested)
{
	struct thread *t = engine_current;
	struct signal_action *a = &signal_actions[signo];
	const uintptr_t handler = a->handler;
	const uint64_t flags = a->flags;
	const stack_t *stack = &stacks[t->id];
	ucontext_t *uc = context;

	handlers_run++;
	if (flags & SA_RESTART)
		handlers_restarting++;
	t->signals_blocked |= a->mask & ~SIGNAL_UNBLOCKABLE;
	if (!(flags & SA_NODEFER))
		t->signals_blocked |= signal_bit(signo);
	if (flags & SA_RESETHAND) {
		a->handler = (uintptr_t)SIG_DFL;
		signal_make_dirty();
	}
	if (nested && signal_pending_for(t))
		signal_deliver();
	if ((flags & SA_ONSTACK) && stack->ss_size > 0 && !(stack->ss_flags & SS_DISABLE) &&
	    !on_stack(stack, (uintptr_t)__builtin_frame_address(0)))
		sud_call_handler(signo, info, context, handler,
				 (uintptr_t)stack->ss_sp + stack->ss_size);
	else
		((void (*)(int, siginfo_t *, void *))handler)(signo, info, context);
	/* The handler may have changed the mask that it returns to. */
	memcpy(&t->signals_blocked, &uc->uc_sigmask, sizeof(t->signals_blocked));
	t->signals_blocked &= ~SIGNAL_UNBLOCKABLE;
}

void signal_run_handler(int signo, siginfo_t *info, void *context)
{
	run_handler(signo, info, context, false);
}

/* What the thread does from here on it does in a handler: the story tells where that began. */
static void log_handler(struct thread *t, int signo)
{
	const uint32_t aux = engine_world.event_aux;

	if (engine.phase != PHASE_SCHEDULE || engine_is_aside)
		return;
	t->op = (struct op){ .kind = OP_SIGNAL_TAKEN,
			     .site = (void *)signal_actions[signo].handler,
			     .deadline_ns = OP_NO_DEADLINE };
	t->result = 0;
	engine_world.event_aux = (uint32_t)signo;
	log_step(&engine_world, t);
	engine_world.event_aux = aux;
	fiber_of(t)->handles = engine_world.step;
}

void signal_deliver(void)
{
	struct thread *t = engine_current;
	const uint32_t handles = fiber_of(t)->handles;
	const struct op op = t->op;
	const long result = t->result;
	unsigned run = handlers_run, restarting = handlers_restarting;
	ucontext_t context;
	siginfo_t info;
	int signo;

	if (t->exiting)
		return;
	if (signal_fatal)
		terminate(signal_fatal);
	while ((signo = signal_take(t, ~t->signals_blocked, &info)) > 0) {
		signal_refresh_fds();
		if (access_state.on)
			access_signal_taken(t);
		switch (signal_effect_of(signo)) {
		case SIGNAL_HANDLED:
			/* Calls within the handler count handlers of their own. */
			run++;
			restarting += (signal_actions[signo].flags & SA_RESTART) != 0;
			fill_context(&context, t);
			log_handler(t, signo);
			run_handler(signo, &info, &context, true);
			fiber_of(t)->handles = handles;
			break;
		case SIGNAL_TERMINATES:
			terminate(signo);
			break;
		case SIGNAL_STOPS:
			engine_note("a stop signal had no effect");
			break;
		default:
			break;
		}
	}
	handlers_run = run;
	handlers_restarting = restarting;
	t->op = op;
	t->result = result;
}

void signal_make_real(void)
{
	const stack_t *stack = &stacks[engine_current->id];

	for (int signo = 1; signo <= SIGNALS_MAX; signo++)
		sys_call4(SYS_rt_sigaction, signo, (long)&signal_actions[signo], 0,
			  sizeof(signal_actions[0].mask));
	sys_call4(SYS_rt_sigprocmask, SIG_SETMASK, (long)&engine_current->signals_blocked, 0,
		  sizeof(engine_current->signals_blocked));
	if (stack->ss_size > 0)
		sys_call2(SYS_sigaltstack, (long)stack, 0);
}
