/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a process of the schedule begins and ends; see processes.h.
 *
 * A fork is a scheduling point; after it the parent goes on and the child is ready to start. The
 * child's thread is a new one with a number of its own, on the copy of the stack of the thread that
 * forked. It waits for the baton where it was made, in the handler of the trapped call, and leaves
 * that once it was chosen.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/wait.h>

#include "base/insist.h"
#include "engine/access/access.h"
#include "engine/calls/call.h"
#include "engine/calls/call_wait.h"
#include "engine/calls/queue_notify.h"
#include "engine/calls/sud.h"
#include "engine/calls/system.h"
#include "engine/descriptors/fd.h"
#include "engine/descriptors/ports.h"
#include "engine/fiber.h"
#include "engine/inline/inline_atomics.h"
#include "engine/linger.h"
#include "engine/processes/kill.h"
#include "engine/processes/process.h"
#include "engine/processes/process_children.h"
#include "engine/processes/processes.h"
#include "engine/signal.h"
#include "engine/state.h"
#include "engine/time/tsc.h"
#include "engine/time/vtimer.h"
#include "model/fd.h"
#include "model/fork.h"
#include "model/models.h"

void (*process_forked_hook)(process_id parent, process_id child);
static int leaving_status; /* of the exit that is under way in this process */

static struct fiber *new_thread(process_id id, const struct call *c)
{
	const struct fiber *parent = fiber_of(engine_current);
	struct fiber *f = &engine_fibers[engine_world.thread_count];
	struct thread *t = &f->thread;

	*f = *parent;
	t->process = id;
	t->creator = parent->thread.id;
	t->create_site = c->site;
	t->joiner = THREAD_NONE;
	t->detached = 1;
	t->joined = 0;
	t->signals_pending = 0;
	t->cancel_pending = 0;
	t->holds_lost = 0;
	t->died = 0;
	t->notified = 0;
	model_fork_holds(&parent->thread, t);
	t->gate = &thread_gate_open;
	t->op.kind = OP_THREAD_START;
	t->op.object = NULL;
	t->op.flags = 0;
	t->op.deadline_ns = OP_NO_DEADLINE;
	world_add(&engine_world, t);
	return f;
}

/* The parent's part of the stack, which a child of vfork(2) would have in common with it. */
static uintptr_t vfork_from;
static size_t vfork_size;

static void note_vfork(const struct call *c, const struct fiber *f)
{
#if defined(__x86_64__)
	vfork_from = c->context ? (uintptr_t)c->context->uc_mcontext.gregs[REG_RSP] : 0;
#endif
	vfork_size = vfork_from >= f->stack_low && vfork_from < f->stack_high
			     ? f->stack_high - vfork_from
			     : 0;
	if (vfork_size > VFORK_STACK)
		vfork_size = VFORK_STACK;
}

void process_vfork_ends(void)
{
	struct process *p = &processes.list[world_process];
	struct vfork_stack *stack = &processes.vfork_stacks[world_process];

	if (!p->vforked)
		return;
	p->vforked = false;
	stack->from = vfork_size ? vfork_from : 0;
	memcpy(stack->bytes, (const void *)vfork_from, vfork_size);
}

static long attempt_vfork(struct fd_request *r)
{
	return processes.list[r->args[0]].vforked ? FD_WOULD_BLOCK : 0;
}

static bool ready_vfork(const struct fd_request *r)
{
	return !processes.list[r->args[0]].vforked;
}

/* In the parent: until the child execs or exits. */
static void await_vfork(const struct call *c, process_id child)
{
	const struct vfork_stack *stack = &processes.vfork_stacks[child];
	struct fd_request r = call_request(c, -1, attempt_vfork);

	r.ready = ready_vfork;
	r.sources = NULL;
	r.args[0] = child;
	r.nr = SYS_vfork;
	while (call_wait(c, OP_CHILD_WAIT, &r, OP_NO_DEADLINE, CALL_RESTARTS) == -EINTR)
		continue;
	if (stack->from && vfork_size)
		memcpy((void *)stack->from, stack->bytes, vfork_size);
}

static void enter_child(process_id id, struct fiber *f)
{
	const thread_id parent = engine_current->id;
	struct thread *chosen;

	world_process = id;
	processes.list[id].pid = (int32_t)sys_getpid();
	engine_current = &f->thread;
	signal_forked(engine_current, engine_world.threads[parent]);
	model_forked(engine_current, parent);
	vtimer_forked();
	process_forget_children();
	process_rename(f->comm);
	if (process_forked_hook)
		process_forked_hook(processes.list[id].parent, id);
	sud_rearm_after_fork();
	access_forked();
	chosen = baton_wait();
	insist(chosen == engine_current);
	engine.request = REQUEST_CHOSEN;
	fiber_step();
}

/* Flags of clone(2) that make a plain child, as fork, vfork and posix_spawn do. */
#define FORK_FLAGS                                                                      \
	(CSIGNAL | CLONE_VM | CLONE_VFORK | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | \
	 CLONE_PARENT_SETTID)

bool process_forks(const struct call *c)
{
	return c->nr != SYS_clone || (!(c->args[0] & ~(long)FORK_FLAGS) &&
				      (!(c->args[0] & CLONE_VM) || (c->args[0] & CLONE_VFORK)));
}

long process_fork(struct call *c)
{
	const long flags =
		c->nr == SYS_clone ? c->args[0] & ~(long)(CLONE_VM | CLONE_VFORK) : SIGCHLD;
	const bool vfork = c->nr == SYS_vfork || (c->nr == SYS_clone && (c->args[0] & CLONE_VFORK));
	process_id id;
	struct fiber *f;
	long pid;

	engine_publish(OP_FORK, NULL, c->site);
	engine_step();
	if (processes.count == PROCESSES_MAX || engine_world.thread_count >= engine.threads_limit) {
		engine_note("more than 64 processes in one schedule: fork failed");
		return -EAGAIN;
	}
	id = (process_id)processes.count; /* others may have forked while this thread waited */
	processes.list[id] = (struct process){ .parent = world_process,
					       .state = PROCESS_LIVES,
					       .vforked = vfork,
					       .image = fiber_of(engine_current)->image,
					       .main = (thread_id)engine_world.thread_count,
					       .timer_next = UINT64_MAX };
	processes.count++;
	kill_forked();
	/* A gate can be looked at in its own process only. */
	engine.walk = engine.short_walk = NULL;
	f = new_thread(id, c);
	if (access_state.on)
		access_thread_created(engine_current, &f->thread);
	note_vfork(c, f);
	pid = c->nr == SYS_clone ? process_clone(flags, c->args[2], c->args[3], c->args[4])
				 : process_clone(flags, 0, 0, 0);
	if (pid == 0) {
		enter_child(id, f);
		return 0;
	}
	if (pid < 0) {
		world_finish(&engine_world, &f->thread);
		processes.list[id].state = PROCESS_ENDED;
		return pid;
	}
	processes.list[id].pid = (int32_t)pid;
	/* The fork was logged before there was a number to log. */
	if (engine.log->count > event_log_first(engine.log))
		engine.log->events[(engine.log->count - 1) & (EVENT_LOG_MAX - 1)].aux =
			f->thread.id;
	if (vfork)
		await_vfork(c, id);
	else
		linger_here(c->site);
	return pid;
}

void process_exit(int status)
{
	engine_publish(OP_EXIT, NULL, NULL)->args[0] = (uint64_t)status;
	engine_step();
	leaving_status = status;
	engine.request = REQUEST_LEAVE;
	fiber_step();
	insist(!"a process that exited goes on");
	__builtin_unreachable();
}

/* died: nobody unlocked anything on the way out. */
static void finish_threads(bool died)
{
	struct world *w = &engine_world;

	for (uint32_t i = 0; i < w->thread_count; i++) {
		struct thread *t = w->threads[i];

		if (t->process != world_process || t->status == THREAD_FINISHED)
			continue;
		access_thread_dropped(t);
		t->died = died;
		model_thread_exited(w, t);
		world_finish(w, t);
	}
	vtimer_reset();
	queue_forget_process(world_process);
}

/* The program's first process is gone for all others, and stays for us. */
static struct thread *become_host(void)
{
	engine.result->exited = 1;
	engine.result->exit_status = leaving_status;
	if (engine.board->config.with) {
		engine.request = REQUEST_EXIT;
		schedule_end();
	}
	processes.list[0].state = PROCESS_HOSTS;
	signal_forget();
	fd_close_all();
	call_serial++;
	fd_recheck(&engine_world);
	return NULL;
}

struct thread *process_leave(void)
{
	process_vfork_ends();
	finish_threads(false);
	if (world_process == 0)
		return become_host();
	processes.list[world_process].state = PROCESS_ENDED;
	baton_leave(BATON_BURY);
	sys_call1(SYS_exit_group, leaving_status & 0xff);
	__builtin_unreachable();
}

void process_die(int signo)
{
	const struct kernel_action standard = { .handler = NULL };

	if (world_process == 0) {
		signal_fatal = signo;
		signal_report_fatal();
		engine.request = REQUEST_END;
		baton_end();
	}
	process_vfork_ends();
	finish_threads(true);
	processes.list[world_process].state = PROCESS_ENDED;
	baton_leave(BATON_BURY);
	sys_call4(SYS_rt_sigaction, signo, (long)&standard, 0, sizeof(standard.mask));
	sys_call2(SYS_kill, sys_getpid(), signo);
	sys_call1(SYS_exit_group, 128 + signo);
	__builtin_unreachable();
}

void process_killed(void)
{
	if (world_process != 0)
		process_die(SIGKILL);
	finish_threads(true);
	leaving_status = engine.board->config.expect_exit;
	become_host();
}

void process_free(struct call *c)
{
	process_vfork_ends();
	access_stop("races are not looked for once a process runs uncontrolled");
	finish_threads(false);
	processes.list[world_process].state = PROCESS_FREE;
	baton_leave(BATON_FREED);
	process_is_child = true;
	preempt_stop();
	sud_disarm();
	tsc_release();
	inline_atomics_leave();
	signal_make_real();
	if (c->context)
		memcpy(&c->context->uc_sigmask, &engine_current->signals_blocked,
		       sizeof(engine_current->signals_blocked));
}

void process_adopt(process_id id)
{
	process_add_child(processes.list[id].pid);
}

void process_freed(process_id id)
{
	const process_id parent = processes.list[id].parent;

	engine_note(BOARD_NOTE_CHILDREN);
	ports_uncontrolled();
	system_dirty.uncontrolled = true;
	processes_drop_threads(id);
	if (parent == world_process) {
		process_adopt(id);
	} else if (processes.list[parent].state == PROCESS_LIVES) {
		processes.message.about = id;
		baton_ask(parent, BATON_ADOPT);
	}
	call_serial++;
	fd_recheck(&engine_world);
}

void process_child_ended(process_id id)
{
	const int pid = processes.list[id].pid;
	const struct signal_action *a = &signal_actions[SIGCHLD];
	siginfo_t info = { 0 };

	if (processes.list[world_process].state != PROCESS_LIVES)
		return;
	if (a->handler == (uintptr_t)SIG_IGN || (a->flags & SA_NOCLDWAIT))
		sys_call4(SYS_wait4, pid, 0, __WALL, 0); /* POSIX: it leaves no zombie */
	else
		sys_call5(SYS_waitid, P_PID, pid, (long)&info, WEXITED | WNOHANG | WNOWAIT, 0);
	info.si_signo = SIGCHLD;
	info.si_pid = pid;
	signal_make_dirty();
	signal_post(&engine_world, NULL, &info);
	signal_refresh_fds();
}

void process_bury(process_id id)
{
	const process_id parent = processes.list[id].parent;

	processes_await_end(processes.list[id].pid);
	if (parent == world_process) {
		process_child_ended(id);
	} else if (processes.list[parent].state == PROCESS_LIVES) {
		processes.message.about = id;
		baton_ask(parent, BATON_CHILD);
	}
	if (engine_world.alive_count == 0) {
		engine.request = REQUEST_EXIT;
		baton_end();
	}
	call_serial++; /* its file locks are free */
	fd_recheck(&engine_world);
}
