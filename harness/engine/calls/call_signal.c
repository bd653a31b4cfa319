/* SPDX-License-Identifier: Apache-2.0 */
/* The calls about signals: dispositions, masks, sending, waiting. All virtual, but for other
 * processes. */
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <ucontext.h>

#include "engine/calls/call.h"
#include "engine/calls/call_wait.h"
#include "engine/calls/sud.h"
#include "engine/descriptors/special.h"
#include "engine/linger.h"
#include "engine/processes/process.h"
#include "engine/processes/processes.h"
#include "engine/signal.h"

static bool valid(long signo)
{
	return signo >= 1 && signo <= SIGNALS_MAX;
}

long call_rt_sigaction(struct call *c)
{
	const struct signal_action *from = (const struct signal_action *)c->args[1];
	struct signal_action *to = (struct signal_action *)c->args[2];
	const int signo = (int)c->args[0];
	struct signal_action before;

	if (!valid(signo) || c->args[3] != sizeof(from->mask) ||
	    (from && (signo == SIGKILL || signo == SIGSTOP)))
		return -EINVAL;
	before = signal_actions[signo];
	if (from) {
		signal_actions[signo] = *from;
		signal_make_dirty();
		/* POSIX: one that is pending, blocked or not, is discarded. */
		if (signal_effect_of(signo) == SIGNAL_IGNORED ||
		    signal_effect_of(signo) == SIGNAL_CONTINUES) {
			signal_discard(&engine_world, signo);
			signal_refresh_fds();
		}
	}
	if (to)
		*to = before;
	return 0;
}

long call_rt_sigprocmask(struct call *c)
{
	const uint64_t *from = (const uint64_t *)c->args[1];
	uint64_t *to = (uint64_t *)c->args[2];
	struct thread *t = engine_current;
	const uint64_t before = t->signals_blocked;

	if (c->args[3] != sizeof(*from))
		return -EINVAL;
	if (from) {
		switch (c->args[0]) {
		case SIG_BLOCK:
			t->signals_blocked |= *from & ~SIGNAL_UNBLOCKABLE;
			break;
		case SIG_UNBLOCK:
			t->signals_blocked &= ~*from;
			break;
		case SIG_SETMASK:
			t->signals_blocked = *from & ~SIGNAL_UNBLOCKABLE;
			break;
		default:
			return -EINVAL;
		}
	}
	if (to)
		*to = before;
	/* POSIX: what this unblocks and is pending is delivered before the call returns. */
	if (signal_pending_for(t) && !engine_aside())
		signal_deliver();
	return 0;
}

long call_rt_sigpending(struct call *c)
{
	const struct thread *t = engine_current;

	if ((unsigned long)c->args[1] > sizeof(uint64_t))
		return -EINVAL;
	*(uint64_t *)c->args[0] =
		(t->signals_pending | signal_process_pending) & t->signals_blocked;
	return 0;
}

/* Waits until a handler has run. */
static long suspend(const struct call *c)
{
	long result;

	do {
		struct op *op = engine_publish(OP_SIGNAL_WAIT, NULL, c->site);

		op->args[0] = 0;
		op->args[1] = 0;
		op->flags = OP_INTERRUPTIBLE | call_cancellation(c);
		signal_forget_handlers();
		result = engine_step();
	} while (signal_restarts(false));
	return result;
}

long call_rt_sigsuspend(struct call *c)
{
	struct thread *t = engine_current;
	const uint64_t before = t->signals_blocked;
	long result;

	if (c->args[1] != sizeof(before))
		return -EINVAL;
	t->signals_blocked = *(const uint64_t *)c->args[0] & ~SIGNAL_UNBLOCKABLE;
	result = suspend(c);
	t->signals_blocked = before;
	if (signal_pending_for(t))
		signal_deliver();
	return result;
}

long call_pause(struct call *c)
{
	linger_before_wait(c->site);
	return suspend(c);
}

long call_rt_sigtimedwait(struct call *c)
{
	uint64_t deadline_ns = OP_NO_DEADLINE;
	long result;

	if (c->args[3] != sizeof(uint64_t))
		return -EINVAL;
	if (c->args[2] &&
	    engine_deadline_relative((const struct timespec *)c->args[2], &deadline_ns) != 0)
		return -EINVAL;
	do {
		struct op *op = engine_publish(OP_SIGNAL_WAIT, NULL, c->site);

		op->args[0] = *(const uint64_t *)c->args[0] & ~SIGNAL_UNBLOCKABLE;
		op->args[1] = (uint64_t)c->args[1];
		op->flags = OP_INTERRUPTIBLE | call_cancellation(c);
		op->deadline_ns = deadline_ns;
		signal_forget_handlers();
		result = engine_step();
	} while (result == -EINTR && signal_restarts(false));
	signal_refresh_fds();
	return result;
}

static long send(const struct call *c, const struct thread *target, const siginfo_t *info)
{
	const thread_id id = target ? target->id : THREAD_NONE;
	struct op *op;
	long result;

	if (info->si_signo == 0)
		return 0;
	/* Nobody survives it: let it happen, the command sees how the process ended. A stop is
	 * another matter: it would stop the schedule, and is without effect as by default. */
	if (info->si_signo == SIGKILL)
		return sys_call2(SYS_kill, sys_getpid(), info->si_signo);
	signal_make_dirty();
	op = engine_publish(OP_SIGNAL_SEND, target ? (const void *)(uintptr_t)target->handle : NULL,
			    c->site);
	op->args[0] = id;
	op->args[1] = (uintptr_t)info;
	result = engine_step();
	/* Who waits in a signalfd. */
	signal_refresh_fds();
	fd_recheck(&engine_world);
	return result;
}

/* To a process of the schedule; thread THREAD_NONE: to the process. */
static long send_other(const struct call *c, process_id to, const siginfo_t *info)
{
	struct op *op;

	op = engine_publish(OP_SIGNAL_SEND, NULL, c->site);
	op->phase = 1;
	op->args[0] = to;
	op->args[1] = (uint64_t)info->si_signo;
	engine_step();
	if (info->si_signo == 0 || !processes_alive(to))
		return 0;
	processes.message.thread = THREAD_NONE;
	processes.message.info = *info;
	baton_ask(to, info->si_signo == SIGKILL ? BATON_DIE : BATON_SIGNAL);
	fd_recheck(&engine_world);
	return 0;
}

#define EVERYBODY 0 /* no group: kill(-1, ...), which leaves out who calls it */

/* The group that the program was started in holds others than the program's, and with --with both
 * the server and the client, which a shell would give a group each. */
static process_id family(process_id id)
{
	if (!engine.board->config.with)
		return 0;
	while (id != 0 && processes.list[id].parent != 0)
		id = processes.list[id].parent;
	return id;
}

static bool is_member(process_id id, long group)
{
	const struct process *p = &processes.list[id];

	if (p->state != PROCESS_LIVES && p->state != PROCESS_FREE)
		return false;
	if (group == EVERYBODY || group == engine.outer_group)
		if (family(id) != family(world_process))
			return false;
	return group == EVERYBODY || sys_call1(SYS_getpgid, p->pid) == group;
}

static uint64_t other_members(long group)
{
	uint64_t members = 0;

	for (process_id id = 0; id < processes.count; id++)
		if (id != world_process && is_member(id, group))
			members |= 1ULL << id;
	return members;
}

static long attempt_nothing(struct fd_request *r)
{
	(void)r;
	return 0;
}

/* Each process of the schedule that is in the group takes it, who sends it at last. */
static long send_group(struct call *c, long group, int signo)
{
	const siginfo_t info = signal_info(signo, SI_USER);
	const bool own = group == sys_call0(SYS_getpgrp);
	uint64_t members = other_members(group);

	/* Who tries again until there is one lets others go on. */
	if (!members && !own) {
		call_point(c, OP_SYSCALL, -1, attempt_nothing);
		members = other_members(group);
		if (!members)
			return group == EVERYBODY ? -ESRCH : call_raw(c);
	}
	if (own && system_dirty.uncontrolled)
		engine_note("a signal to a process group did not go to children that run "
			    "uncontrolled");
	for (; members; members &= members - 1) {
		const process_id to = (process_id)__builtin_ctzll(members);

		if (processes.list[to].state == PROCESS_FREE)
			sys_call2(SYS_kill, processes.list[to].pid, signo);
		else
			send_other(c, to, &info);
	}
	return own ? send(c, NULL, &info) : 0;
}

static bool other_process(long pid)
{
	return pid > 0 && pid != sys_getpid();
}

long call_kill(struct call *c)
{
	const long pid = (int)c->args[0];
	const int signo = (int)c->args[1];
	siginfo_t info;

	if (signo != 0 && !valid(signo))
		return -EINVAL;
	if (other_process(pid)) {
		const int known = processes_find((int)pid);

		if (known < 0)
			return call_raw(c);
		/* Who started the program has waited for its first process. */
		if (processes.list[known].state == PROCESS_HOSTS || sys_call2(SYS_kill, pid, 0) < 0)
			return -ESRCH;
		info = signal_info(signo, SI_USER);
		return send_other(c, (process_id)known, &info);
	}
	if (pid <= 0)
		return send_group(c,
				  pid == -1  ? EVERYBODY
				  : pid == 0 ? sys_call0(SYS_getpgrp)
					     : -pid,
				  signo);
	info = signal_info(signo, SI_USER);
	return send(c, NULL, &info);
}

static long send_thread(const struct call *c, int tid, int signo, const siginfo_t *given)
{
	const struct thread *target = process_thread(tid);
	siginfo_t info;

	if (signo != 0 && !valid(signo))
		return -EINVAL;
	if (!target)
		return -ESRCH;
	info = given ? *given : signal_info(signo, SI_TKILL);
	info.si_signo = signo;
	return send(c, target, &info);
}

long call_tkill(struct call *c)
{
	if ((int)c->args[0] <= 0)
		return -EINVAL;
	return send_thread(c, (int)c->args[0], (int)c->args[1], NULL);
}

long call_tgkill(struct call *c)
{
	if ((int)c->args[0] <= 0 || (int)c->args[1] <= 0)
		return -EINVAL;
	if (other_process((int)c->args[0]))
		return call_raw(c);
	return send_thread(c, (int)c->args[1], (int)c->args[2], NULL);
}

long call_rt_tgsigqueueinfo(struct call *c)
{
	if (other_process((int)c->args[0]))
		return call_raw(c);
	return send_thread(c, (int)c->args[1], (int)c->args[2], (const siginfo_t *)c->args[3]);
}

long call_rt_sigqueueinfo(struct call *c)
{
	siginfo_t info;

	if (other_process((int)c->args[0])) {
		const int known = processes_find((int)c->args[0]);

		if (known < 0)
			return call_raw(c);
		info = *(const siginfo_t *)c->args[2];
		info.si_signo = (int)c->args[1];
		return send_other(c, (process_id)known, &info);
	}
	if (c->args[1] != 0 && !valid(c->args[1]))
		return -EINVAL;
	info = *(const siginfo_t *)c->args[2];
	info.si_signo = (int)c->args[1];
	return send(c, NULL, &info);
}

/* A frame that is not ours: let our own rt_sigreturn find it where the program left it. */
long call_rt_sigreturn(struct call *c)
{
#if defined(__x86_64__)
	if (c->context)
		c->context->uc_mcontext.gregs[REG_RIP] = (greg_t)(uintptr_t)sud_restorer;
#endif
	return SYS_rt_sigreturn;
}

long call_sigaltstack(struct call *c)
{
	const stack_t *from = (const stack_t *)c->args[0];
	stack_t *to = (stack_t *)c->args[1];
	stack_t *stack = signal_stack(engine_current);
	const stack_t before = *stack;
	const uintptr_t sp = (uintptr_t)__builtin_frame_address(0);
	const bool inside = sp - (uintptr_t)before.ss_sp < before.ss_size;

	if (from) {
		if (inside)
			return -EPERM;
		if (from->ss_flags & ~(SS_DISABLE | (int)(1U << 31)))
			return -EINVAL;
		if (!(from->ss_flags & SS_DISABLE) && from->ss_size < 2048)
			return -ENOMEM;
		*stack = *from;
		if (from->ss_flags & SS_DISABLE) {
			stack->ss_sp = NULL;
			stack->ss_size = 0;
		}
		signal_make_dirty();
	}
	if (to) {
		*to = before;
		to->ss_flags = before.ss_size == 0 ? SS_DISABLE : inside ? SS_ONSTACK : 0;
	}
	return 0;
}
