/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Processes: fork and friends, waiting, exec, ending; and what changes the process for good.
 *
 * A child runs uncontrolled. It is made from our own text, so the new process leaves the handler
 * like its parent, finds the trap disarmed (the kernel does that), its signals real, and goes on by
 * itself.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/prctl.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/access/access.h"
#include "engine/calls/call.h"
#include "engine/calls/call_measured.h"
#include "engine/calls/call_wait.h"
#include "engine/calls/sud.h"
#include "engine/descriptors/ports.h"
#include "engine/inline/inline_atomics.h"
#include "engine/processes/exec.h"
#include "engine/processes/process.h"
#include "engine/processes/process_children.h"
#include "engine/processes/processes.h"
#include "engine/processes/shared.h"
#include "engine/signal.h"
#include "engine/state.h"
#include "engine/thread.h"
#include "engine/time/tsc.h"

/* In the child, on its way out of the handler. Of the threads there is only the one that forked. */
static void enter_child(struct call *c)
{
	process_is_child = true;
	preempt_stop();
	tsc_release();
	inline_atomics_leave();
	engine.phase = PHASE_FREE;
	engine.walk = engine.short_walk = NULL;
	access_state.on = 0;
	for (uint32_t i = 0; i < engine_world.thread_count; i++) {
		struct thread *t = engine_world.threads[i];

		if (t != engine_current && t->status != THREAD_FINISHED)
			world_finish(&engine_world, t);
	}
	signal_make_real();
	/* Returning restores the frame's mask: it must be the program's. */
	if (c->context)
		memcpy(&c->context->uc_sigmask, &engine_current->signals_blocked,
		       sizeof(engine_current->signals_blocked));
}

static long made(struct call *c, long pid)
{
	if (pid == 0)
		enter_child(c);
	else if (pid > 0) {
		engine_note(BOARD_NOTE_CHILDREN);
		ports_uncontrolled();
		system_dirty.uncontrolled = true;
		process_add_child((int)pid);
	}
	return pid;
}

/*
 * May the child be a process of the schedule? With the snapshot reset it cannot: then the campaign
 * begins anew with the fork reset, unless the user insists.
 */
static bool forks_controlled(const struct call *c)
{
	if (engine.phase != PHASE_SCHEDULE || engine_aside() || !process_forks(c))
		return false;
	if (shared_is_shared())
		return true;
	if (engine.board->config.reset == RESET_AUTO)
		campaign_leave(STATE_FALLBACK, "the program starts processes");
	return false;
}

/* vfork with a stack in common cannot return through a frame on it: the child gets a copy, and the
 * parent still waits. */
long call_fork(struct call *c)
{
	const unsigned long flags = SIGCHLD | (c->nr == SYS_vfork ? CLONE_VFORK : 0);

	if (forks_controlled(c))
		return process_fork(c);
	return made(c, sys_call5(SYS_clone, (long)flags, 0, 0, 0, 0));
}

/* In a child that shares our memory until it execs: only the kernel's state may change. */
static void prepare_shared(void)
{
	tsc_release();
	signal_make_real();
}

long call_clone(struct call *c)
{
	const unsigned long flags = (unsigned long)c->args[0];
	const unsigned long stack = (unsigned long)c->args[1];
	long pid;

	if (flags & CLONE_THREAD) {
		engine_note(
			"a thread made by clone(2) by hand, or by libc for itself "
			"(getaddrinfo_a), was refused: it could not be controlled, and the call "
			"that wanted it failed");
		return -EPERM;
	}
	if (forks_controlled(c)) {
		pid = process_fork(c);
#if defined(__x86_64__)
		if (pid == 0 && stack && c->context)
			c->context->uc_mcontext.gregs[REG_RSP] = (greg_t)stack;
#endif
		return pid;
	}
#if defined(__x86_64__)
	if ((flags & CLONE_VM) && stack && c->context) {
		if (!(flags & CLONE_VFORK))
			engine_note("a child that shares the program's memory runs beside it, "
				    "uncontrolled");
		/* Nobody answers traps in the child, and the code is the same. */
		inline_atomics_leave();
		pid = sud_clone_raw(flags, stack, (unsigned long)c->args[2],
				    (unsigned long)c->args[3], (unsigned long)c->args[4],
				    c->context->uc_mcontext.gregs, prepare_shared);
		return made(c, pid);
	}
#endif
	pid = sys_call5(SYS_clone, (long)(flags & ~(unsigned long)CLONE_VM), 0, c->args[2],
			c->args[3], c->args[4]);
#if defined(__x86_64__)
	if (pid == 0 && stack && c->context)
		c->context->uc_mcontext.gregs[REG_RSP] = (greg_t)stack;
#endif
	return made(c, pid);
}

/*
 * Reaps without waiting: 0 says that there is none yet. The result that goes into the log is the
 * child's number in the schedule, since pids differ between runs; serial keeps the pid.
 */
/* A program that looks at how its child died may have wanted it to. */
static void judged(int pid)
{
	const int process = processes_find(pid);

	if (process >= 0)
		report_judged((process_id)process);
}

static long attempt_wait4(struct fd_request *r)
{
	long pid, number;

	process_look();
	pid = sys_call4(SYS_wait4, r->args[0], r->args[1], r->args[2] | WNOHANG, r->args[3]);
	if (pid == 0 && !(r->args[2] & WNOHANG))
		return FD_WOULD_BLOCK;
	number = pid;
	if (pid > 0) {
		const int status = r->args[1] ? *(const int *)r->args[1] : 0;

		if (r->args[1] && WIFSIGNALED(status))
			judged((int)pid);
		if (!r->args[1] || WIFEXITED(status) || WIFSIGNALED(status))
			number = process_remove_child((int)pid);
		else
			number = process_child_number((int)pid);
		measured_usage((struct rusage *)r->args[3]);
		r->serial = (uint64_t)pid;
	}
	return number;
}

static long attempt_waitid(struct fd_request *r)
{
	siginfo_t *info = (siginfo_t *)r->args[2];
	siginfo_t own;
	long result;

	process_look();
	if (!info)
		info = &own;
	info->si_pid = 0;
	result = sys_call5(SYS_waitid, r->args[0], r->args[1], (long)info, r->args[3] | WNOHANG,
			   r->args[4]);
	if (result == 0 && info->si_pid == 0 && !(r->args[3] & WNOHANG))
		return FD_WOULD_BLOCK;
	if (result == 0 && info->si_pid != 0)
		measured_usage((struct rusage *)r->args[4]);
	if (result == 0 && info->si_pid != 0 && !(r->args[3] & WNOWAIT) &&
	    (info->si_code == CLD_EXITED || info->si_code == CLD_KILLED ||
	     info->si_code == CLD_DUMPED)) {
		if (r->args[2] && info->si_code != CLD_EXITED)
			judged(info->si_pid);
		process_remove_child(info->si_pid);
	}
	return result;
}

static bool ready_child(const struct fd_request *r)
{
	siginfo_t info = { 0 };
	long which = P_ALL, id = 0;
	long result;

	if (r->nr == SYS_waitid) {
		which = r->args[0];
		id = r->args[1];
	} else if ((int)r->args[0] > 0) {
		which = P_PID;
		id = r->args[0];
	}
	result = sys_call5(SYS_waitid, which, id, (long)&info, WEXITED | WNOHANG | WNOWAIT, 0);
	return result < 0 || info.si_pid != 0;
}

static long wait_for_child(struct call *c, long (*attempt)(struct fd_request *))
{
	struct fd_request r = call_request(c, -1, attempt);
	long result;

	r.ready = ready_child;
	r.sources = NULL;
	result = call_wait(c, OP_CHILD_WAIT, &r, OP_NO_DEADLINE, CALL_RESTARTS);
	return result > 0 ? (long)r.serial : result;
}

long call_wait4(struct call *c)
{
	return wait_for_child(c, attempt_wait4);
}

long call_waitid(struct call *c)
{
	return wait_for_child(c, attempt_waitid);
}

/* The controlled process cannot become another program: this schedule ends here, when exec would
 * have worked. */
long call_execve(struct call *c)
{
	const bool at = c->nr == SYS_execveat;
	const long found = at ? sys_call4(SYS_faccessat2, c->args[0], c->args[1], X_OK, c->args[4])
			      : sys_call4(SYS_faccessat, AT_FDCWD, c->args[0], X_OK, 0);

	if (found < 0)
		return found;
	if (engine.phase == PHASE_SCHEDULE && !at &&
	    exec_kind_of((const char *)c->args[0]) == EXEC_CONTROLLED) {
		if (shared_is_shared())
			return exec_program(c);
		if (engine.board->config.reset == RESET_AUTO)
			campaign_leave(STATE_FALLBACK, "the program becomes another one by exec");
	}
	if (world_process != 0) {
		process_free(c);
		return call_raw(c);
	}
	engine_note("the program replaced itself by exec: the schedule ends there, the new program "
		    "is not run");
	engine_end_schedule(NULL, 0);
}

long call_exit_group(struct call *c)
{
	engine_end_schedule(NULL, (int)(c->args[0] & 0xff));
}

/* A child whose parent has ended is init's, also when that was the first process, which stays as
 * the host. */
long call_getppid(struct call *c)
{
	const struct process *parent = &processes.list[processes.list[world_process].parent];

	if (world_process && (parent->state == PROCESS_HOSTS || parent->state == PROCESS_ENDED))
		return 1;
	return call_raw(c);
}

long call_exit(struct call *c)
{
	if (processes_own_alive() > 1)
		engine_note("a thread ended by exit(2) by hand: the schedule ends there");
	engine_end_schedule(NULL, (int)(c->args[0] & 0xff));
}

/* It matters to the process that the next schedule begins in; the others end with this one. */
static void set_irreversible(void)
{
	system_dirty.irreversible |= world_process == 0;
}

/* For this kernel thread alone, which is the one that runs the program; libc's own would signal
 * parked threads and hang. */
long call_identity(struct call *c)
{
	engine_note("the program changed its user or group: the reset cannot take that back");
	set_irreversible();
	return call_raw(c);
}

static void note_irreversible(void)
{
	engine_note("the program changed limits, namespaces, its root or its session: the reset "
		    "cannot take that back");
	set_irreversible();
}

long call_irreversible(struct call *c)
{
	note_irreversible();
	return call_raw(c);
}

/* What is hashed of it has no process id. */
static long attempt_group(struct fd_request *r)
{
	const long result = request_raw(r);

	return result > 0 ? 0 : result;
}

/* Others of the program see of which group a process is: a parent and its child may both say so. */
long call_group(struct call *c)
{
	long result;

	note_irreversible();
	result = call_point(c, OP_SYSCALL, -1, attempt_group);
	return result == 0 && c->nr == SYS_setsid ? sys_getpid() : result;
}

/* What libc tells the kernel about the thread's memory: all fibers share one kernel thread, which
 * keeps its own. */
long call_ignored(struct call *c)
{
	(void)c;
	return 0;
}

long call_refused(struct call *c)
{
	if (c->nr != SYS_clone3) /* libc falls back to clone */
		engine_note("io_uring, kernel AIO and futex_waitv are not emulated: refused with "
			    "ENOSYS");
	return -ENOSYS;
}

/* Without new limits it only looks. */
long call_prlimit(struct call *c)
{
	return c->args[2] ? call_irreversible(c) : call_raw(c);
}

long call_prctl(struct call *c)
{
	switch (c->args[0]) {
	case PR_SET_NAME:
		engine_thread_rename(engine_current, (const char *)c->args[1]);
		return 0;
	case PR_GET_NAME:
		memcpy((void *)c->args[1], engine_thread_name(engine_current), THREAD_NAME_MAX);
		return 0;
	case PR_SET_TSC:
		return tsc_set(c->args[1]);
	case PR_GET_TSC:
		return tsc_get((int *)c->args[1]);
	case PR_SET_SECCOMP:
	case PR_SET_NO_NEW_PRIVS:
	case PR_CAPBSET_DROP:
		return call_irreversible(c);
	case PR_SET_DUMPABLE:
	case PR_SET_PDEATHSIG:
		set_irreversible();
		return call_raw(c);
	default:
		return call_raw(c);
	}
}
