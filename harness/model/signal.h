/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signals of the program under test, entirely virtual.
 *
 * A signal is sent to a thread or to the process. It is discarded (ignored and not blocked), or
 * becomes pending: on one thread when it was sent to that thread or when a thread can take it at
 * once, on the process while every thread blocks it. The choice among threads follows Linux: main
 * when it can take it, else one of the others, which POSIX leaves open and so the strategy decides.
 * Real-time signals queue, the others merge. When the default action ends the process it ends at
 * the next chance, whoever runs: signal_fatal.
 *
 * Delivery itself (running a handler on a stack) is the engine's; here is only who has what
 * pending.
 */
#ifndef JOSTLE_MODEL_SIGNAL_H
#define JOSTLE_MODEL_SIGNAL_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/hidden.h"
#include "event/thread.h"
#include "model/world.h"

#define SIGNALS_MAX      64
#define SIGNAL_QUEUE_MAX 256
#define SIGNAL_FIRST_QUEUED                                                   \
	32 /* numbers from here on queue: the kernel's SIGRTMIN, below libc's \
	    */

/* The kernel's layout of rt_sigaction's argument on x86-64. */
struct signal_action {
	uintptr_t handler; /* SIG_DFL, SIG_IGN or a function */
	uint64_t flags;
	uintptr_t restorer;
	uint64_t mask;
};

enum signal_effect {
	SIGNAL_TERMINATES,
	SIGNAL_IGNORED,
	SIGNAL_STOPS,
	SIGNAL_CONTINUES,
	SIGNAL_HANDLED
};

/* bit signo - 1 */
static inline uint64_t signal_bit(int signo)
{
	return 1ULL << (signo - 1);
}

/* SIGKILL and SIGSTOP can neither be blocked nor caught. */
#define SIGNAL_UNBLOCKABLE ((1ULL << (SIGKILL - 1)) | (1ULL << (SIGSTOP - 1)))

extern struct signal_action signal_actions[SIGNALS_MAX + 1]; /* by number; [0] unused */
extern uint64_t signal_process_pending;
extern int signal_fatal; /* number of the signal that is about to end the process, 0: none */
extern siginfo_t signal_fatal_info;
/* Something was sent since signal_forget(): nothing is pending as long as it is false. */
extern HIDDEN bool signal_sent;

/* Nothing pending; dispositions stay. */
void signal_forget(void);
/* Drops what is pending of a signal everywhere: its disposition became to ignore it. */
void signal_discard(struct world *, int signo);
/* Drops what is pending for a thread that ended. */
void signal_forget_thread(struct thread *);

/* Is there a handler for any signal? */
bool signal_are_handled(void);

/* What receiving signo does now. */
enum signal_effect signal_effect_of(int signo);

/*
 * Sends info->si_signo to target, or to the process when target is NULL. 0, or -EAGAIN when the
 * queue is full. Wakes threads that wait for it, and interrupts the chosen thread when its blocked
 * operation is interruptible.
 */
int signal_post(struct world *, struct thread *target, const siginfo_t *info);

/* Takes the lowest pending signal among those in allowed, the thread's own first: its number with
 * *info filled, or 0. */
int signal_take(struct thread *, uint64_t allowed, siginfo_t *info);

/* Whether the thread has something to act on: pending for it and not blocked. */
static inline bool signal_deliverable(const struct thread *t)
{
	return ((t->signals_pending | signal_process_pending) & ~t->signals_blocked) != 0 ||
	       signal_fatal != 0;
}

/* args[0]: set waited for (sigtimedwait), or 0 (sigsuspend, pause: until a handler is to run);
 * args[1]: siginfo_t * or 0. Result: the number, -EAGAIN at the deadline, -EINTR. */
enum model_step model_signal_wait(struct world *, struct thread *);
/* args[0]: thread id or THREAD_NONE; args[1]: const siginfo_t *. Result 0 or -EAGAIN. In phase 1 a
 * point alone, before the process args[0] is asked to take signal args[1]. */
enum model_step model_signal_send(struct world *, struct thread *);

#endif
