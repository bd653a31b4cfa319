/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The processes of one schedule, and the baton.
 *
 * Every process has its own copy of the program's memory, of descriptors, signals and timers, and
 * of what the engine knows about these; the world with all threads of all processes is common
 * (shared.h). Whoever holds the baton is the only one that runs. The others stand in baton_wait(),
 * each on a futex of its own: with the engine's stack, when one of their threads last ran, or on
 * the stack of the thread that was forked and has not run yet.
 *
 * The strategy chooses among the threads of all. When it names one of another process, the baton
 * goes there (BATON_RUN), and that process performs the operation: only there the objects can be
 * reached. What a process must do for another one without running (look whether a descriptor that
 * somebody waits on is ready, take a signal, die) it does while it holds the baton on request
 * (baton_ask()), and gives it back with the answer.
 *
 * P0 is the process that was started. It is the first and the last: a schedule ends in it, and when
 * the program's first process exits while others live, it closes what it has open and stays as the
 * host. So every reset works as it does with one process.
 *
 * Nobody can be lost. A process that ends hands the baton on first, and who gets it waits until
 * that process has really ended, since only then its descriptors are closed (BATON_BURY). P0 looks
 * now and then whether the holder is alive; the others whether P0 is.
 */
#ifndef JOSTLE_ENGINE_PROCESSES_H
#define JOSTLE_ENGINE_PROCESSES_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/hidden.h"
#include "event/thread.h"

enum process_state {
	PROCESS_NONE,
	PROCESS_LIVES,
	PROCESS_HOSTS, /* P0 after the program's exit */
	PROCESS_FREE,  /* became a program that cannot be controlled */
	PROCESS_ENDED, /* has exited or was killed; maybe not waited for */
	PROCESS_LOST,  /* ended without a word, or stopped for good: cannot be asked */
};

struct process {
	int32_t pid; /* the kernel's */
	process_id parent;
	uint8_t state;       /* enum process_state */
	bool vforked;        /* its parent waits until it execs or exits */
	uint8_t image;       /* the number of its program: state.h */
	thread_id main;      /* the thread that fork(2) made it with */
	uint32_t turn;       /* futex: 1 when it got the baton */
	uint64_t timer_next; /* virtual time of its earliest virtual timer */
};

enum baton_word {
	BATON_RUN,     /* message.thread was chosen */
	BATON_END,     /* to P0: the schedule is over, engine.request says why */
	BATON_BURY,    /* message.about ended: wait for it, tell its parent, go on */
	BATON_FREED,   /* message.about goes on without control: note it, go on */
	BATON_ADOPT,   /* your child message.about is without control from now on */
	BATON_REPLY,   /* to who asked */
	BATON_DIE,     /* by message.info's signal; answered by BATON_BURY */
	BATON_SIGNAL,  /* take message.info, for message.thread or the process */
	BATON_RECHECK, /* which of your waiting calls would get on? */
	BATON_TIMERS,  /* virtual time has reached your timers */
	BATON_IDLE,    /* nobody is ready: wait for what comes from outside to you */
	BATON_OUTSIDE, /* does a thread of yours wait for the outside? */
	BATON_CHILD,   /* your child message.about ended */
	BATON_DUMP,    /* write your threads' stacks to the board */
};

struct baton_message {
	uint8_t word; /* enum baton_word */
	process_id from;
	process_id about;
	thread_id thread;
	int32_t result;
	siginfo_t info;
};

/*
 * A child of vfork(2) shares its parent's memory until it execs or exits; here it has a copy. What
 * it wrote on its parent's stack above the call is brought back when it exits: that is where
 * posix_spawn() in libc, and the few who do it by hand, leave the reason.
 */
#define VFORK_STACK 4096
struct vfork_stack {
	uintptr_t from;
	uint8_t bytes[VFORK_STACK];
};

struct processes {
	uint32_t generation; /* counts schedules; 0 before the first */
	uint32_t count;      /* made so far; numbers below it are in use */
	process_id holder;
	struct baton_message message;
	struct process list[PROCESSES_MAX];
	struct vfork_stack vfork_stacks[PROCESSES_MAX];
};

extern HIDDEN struct processes processes;
/* Called in the child, once it is one, by whoever keeps something for each process. May be NULL. */
extern void (*process_forked_hook)(process_id parent, process_id child);

static inline bool processes_several(void)
{
	return processes.count > 1;
}

/* processes.c */
/* A schedule begins: this process is P0, alone. */
void processes_begin(void);
/* Tells the command which process runs. */
void processes_tell(const struct process *);
/* The schedule is over (in P0): all others are killed and gone when this returns. */
void processes_end(void);
/* The same from outside, after P0 ended without doing it. */
void processes_kill(void);
bool processes_alive(process_id);
/* Number of the process with that id of the kernel's, or -1. */
int processes_find(int pid);
/* Threads of this process that have not ended. */
uint32_t processes_own_alive(void);
/* The threads of a process that is gone, or another program, are finished. */
void processes_drop_threads(process_id);
/* Another process of the program lives. */
bool processes_others_alive(void);
/* That process of the kernel's has ended, reaped or not. */
bool processes_has_ended(int pid);
/* Returns when that process of the kernel's has ended, descriptors closed; reaps nothing. */
void processes_await_end(int pid);
/* Those that were killed, one that the kernel cannot end for some seconds each. */
void processes_await_all(void);
/* Of other processes: whose waiting calls would get on? As fd_recheck(). */
struct world;
unsigned processes_recheck(struct world *);

/* baton.c */
/* Gives the baton to the process of a thread that was chosen there, and waits. As baton_wait(). */
struct thread *baton_pass(struct thread *chosen);
/* Until this process has the baton again to go on: the thread of its own that was chosen, or NULL:
 * the strategy is to be asked. */
struct thread *baton_wait(void);
/* Lets another process do something, and waits for its answer. message.word and what belongs to it
 * is filled by the caller; its result, 0 when it cannot be asked. */
long baton_ask(process_id, enum baton_word);
/* Asks all others that live; the sum of their answers. */
long baton_ask_all(enum baton_word);
/* The schedule ends with engine.request: never returns. In P0 too. */
_Noreturn void baton_end(void);
/* This process hands the baton to its heir, with BATON_BURY, and must end at once; or with
 * BATON_FREED. */
void baton_leave(enum baton_word);

/* process_clone.c */
/* clone(2) without memory in common: the child's id, of five digits where that can be had, or
 * -errno. The arguments are those of x86-64's clone after the stack. */
long process_clone(long flags, long parent_tid, long child_tid, long tls);

/* process_life.c */
struct call;
/* Is it one of those that make a child that can be controlled? */
bool process_forks(const struct call *);
/* fork(2) and the like, at a scheduling point. */
long process_fork(struct call *);
/* exit(2): never returns. */
_Noreturn void process_exit(int status);
/* On the engine's stack: the threads of this process end, and it with them, unless it is P0. */
struct thread *process_leave(void);
/* Dies by the signal. */
_Noreturn void process_die(int signo);
/* As by SIGKILL, by the schedule's own will (kill.h). Returns in P0, whose end is then that of a
 * program that exited as it should. */
void process_killed(void);
/* On the fiber's stack: this process, with but one thread left, is no part of the schedule any
 * more. Its signals are real ones. */
void process_free(struct call *);
/* An exec(2) is about to succeed, or an exit: a parent in vfork(2) goes on. */
void process_vfork_ends(void);
/* message.about is without control, this process holds the baton. */
void process_freed(process_id);
/* message.about ended, this process holds the baton. */
void process_bury(process_id);
void process_child_ended(process_id);
/* A child of this process is without control. */
void process_adopt(process_id);

#endif
