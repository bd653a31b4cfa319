/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program and the kernel: what the step loop asks of the part that emulates system calls,
 * descriptors, signals, virtual timers and child processes.
 *
 * The program reaches the kernel in three ways, and all end in system_call(): by a libc name that
 * intercept/ defines, by a syscall instruction inside libc or written by hand (Syscall User
 * Dispatch raises SIGSYS, sud.c), and by the vDSO (its entries are patched to jump to us). A call
 * is then passed on, emulated, or published as an operation; the emulation runs on the fiber's own
 * stack, in the SIGSYS handler when the call was trapped. Other fibers may run meanwhile: the
 * kernel's signal mask, alternate stack and dispositions are constant while the program is under
 * control, its own are virtual.
 *
 * Order of calls, all on the one kernel thread:
 *
 *	system_init()        once, at takeover, before anything is saved: imports
 *	                     dispositions, mask and descriptors
 *	system_take()        when the snapshot is taken: the state that
 *	                     system_reset() returns to
 *	sud_arm()            before the first schedule; from here on every call is seen
 *	  ... a schedule ...
 *	system_reset()       after each schedule, on the engine stack
 *
 * No function here allocates. Nothing but the functions marked "on the fiber's stack" may switch
 * fibers.
 */
#ifndef JOSTLE_ENGINE_SYSTEM_H
#define JOSTLE_ENGINE_SYSTEM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/hidden.h"
#include "event/finding.h"
#include "event/thread.h"
#include "model/world.h"

/* ---- life ---- */

/* Imports what the process has (dispositions, mask of thread 0, descriptors), installs the handlers
 * for SIGSYS and for faults and their alternate stack, patches the vDSO. 0, or -errno: this process
 * cannot be controlled. */
int system_init(void);
/* Remembers descriptors with their offsets and flags, cwd, umask, program break, dispositions,
 * timers. 0 or -errno. */
int system_take(void);
/* Takes back what the schedule did to all of these: closes, reopens, rewinds, disarms timers, kills
 * and reaps children. A schedule that did nothing costs a few tests. Mappings are the snapshot's
 * business: see system_dirty.mappings. */
void system_reset(void);

/* Arms the trap. 0 or -errno. Our own text is exempt, so nothing needs to be disarmed around raw
 * calls; around calls into libc on the engine's behalf it must be (growing the pool of threads). */
int sud_arm(void);
void sud_disarm(void);
/* The kernel disarms a forked child. A child that shall stay under control calls this. */
int sud_rearm_after_fork(void);
bool sud_armed(void);

/* A descriptor of the engine: the program can neither close, replace nor see it in close_range().
 */
void system_own_fd(int fd);
/* The same for all that are open now and that the program did not make: after the engine opened
 * some. */
void system_own_unknown(void);

/* What the program did since the last system_reset() that others must undo. system_reset() clears
 * it: read it before. */
struct system_dirty {
	bool mappings; /* mmap, munmap, mremap, mprotect, brk or madvise changed the address space
			*/
	bool descriptors;
	bool irreversible; /* set*id, chroot, seccomp, setrlimit, unshare...: the snapshot reset
			      must not be used */
	bool uncontrolled; /* an input from outside took part: replay is best effort */
};
extern struct system_dirty system_dirty;

/* ---- the step loop ---- */

/* Virtual time of the earliest virtual timer (alarm, setitimer, timer_create, timerfd), UINT64_MAX:
 * none. Whenever engine_world.now_ns has reached it, call system_timers_run(): it posts signals,
 * wakes readers and re-arms. */
extern HIDDEN uint64_t system_timer_next;
void system_timers_run(void);
/* Those of this process alone. */
void system_timers_run_own(void);

/*
 * Nobody is ready. Really waits for descriptors, children and signals that are fed from outside the
 * controlled set (for as long as the nearest virtual deadline is away, at most a second in all),
 * and runs virtual timers that come before the nearest deadline of a thread. True: ask again who is
 * ready. False: only world_advance() can help now, or it is a deadlock.
 */
bool system_idle(void);
/* Some thread waits for what others than this program's threads could still give. */
bool system_waits_outside(void);
/* Both for this process alone, when there are several. */
bool system_idle_own(void);
bool system_waits_outside_own(void);

/* A signal that the thread must act on waits for it (or one that ends the process). Cheap: two
 * loads and a test. */
extern uint64_t signal_process_pending; /* bit signo - 1 */
extern int signal_fatal; /* signal whose default action is about to end the process, 0: none */
static inline bool signal_pending_for(const struct thread *thread)
{
	return ((thread->signals_pending | signal_process_pending) & ~thread->signals_blocked) !=
		       0 ||
	       signal_fatal != 0;
}
/* On the fiber's stack, on the way out of engine_step(): runs the handlers of all deliverable
 * signals of engine_current. May not return: default actions end the schedule, handlers may
 * longjmp. */
void signal_deliver(void);
/* Adds the finding for signal_fatal; the caller ends the schedule. On any stack. */
void signal_report_fatal(void);
/*
 * A blocked thread whose operation has OP_INTERRUPTIBLE is woken with OP_INTERRUPTED when a handler
 * is to run; its model then ends the operation with EINTR. Any other blocked thread (a mutex lock)
 * stays blocked: POSIX lets the handler run and the lock go on waiting, so engine_step() may resume
 * such a fiber, save the operation, call signal_deliver() and publish it again; when it does not,
 * the handler runs once the operation was performed.
 */

/* A fiber was made (inherits creator's signals_blocked; alternate stack: none) or ended. thread->id
 * is valid. */
void signal_thread_started(struct thread *thread, const struct thread *creator);
void signal_thread_ended(struct thread *thread);

/* Endless loops in program text. preempt_start() once armed; the timer runs on CPU time of this
 * kernel thread. */
int preempt_start(void);
void preempt_stop(void);
/* A schedule begins: steps are counted from 0 again, and standing still is not the same step in
 * two schedules. */
void preempt_begin(void);
extern uint32_t preempt_count; /* of this schedule, in all its processes */

/* ---- calls ---- */

/* A system call of the program, on the fiber's stack. site: return address into the program or NULL
 * (looked for on the stack). Result or -errno. Before sud_arm() and while the engine stands aside
 * it is passed to the kernel. */
long system_call(long nr, const long args[6], void *site);
/* Nobody emulates anything here: before takeover, and in a process without control. */
bool system_is_native(void);

/* ---- what the system part needs of the engine (engine.h aside) ---- */

/* The process cannot go on (a fault in the program): writes the finding, STATE_DIED, exits. */
_Noreturn void engine_died(const struct finding *finding);
/* Whether address lies in the guard area below some fiber's stack. */
bool engine_stack_guard(const void *address);

#endif
