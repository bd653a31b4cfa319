/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The operations that a thread under test can publish.
 *
 * At each scheduling point a thread writes the operation that it is *about* to do into its struct
 * op, asks the scheduler, and performs it once chosen ("publish, then perform"). Strategies, models
 * and detectors speak only this vocabulary; none of them knows a pthread function. Data only:
 * nothing here acts.
 */
#ifndef JOSTLE_EVENT_OP_H
#define JOSTLE_EVENT_OP_H

#include <stdbool.h>
#include <stdint.h>

/*
 * X(NAME, family, text): the text is what a person reads in a report ("waits to lock mutex#1").
 * Append at the end of a family freely: the numbers are not stored in any file, names are.
 */
#define OP_LIST(X)                                         \
	X(NONE, NONE, "does nothing")                      \
	X(THREAD_START, THREAD, "starts")                  \
	X(THREAD_CREATE, THREAD, "creates a thread")       \
	X(THREAD_EXIT, THREAD, "ends")                     \
	X(THREAD_JOIN, THREAD, "joins")                    \
	X(THREAD_TRYJOIN, THREAD, "tries to join")         \
	X(THREAD_DETACH, THREAD, "detaches")               \
	X(THREAD_CANCEL, THREAD, "cancels")                \
	X(THREAD_KILL, THREAD, "signals a thread")         \
	X(TESTCANCEL, THREAD, "tests for cancellation")    \
	X(YIELD, THREAD, "yields")                         \
	X(PREEMPT, THREAD, "is preempted")                 \
	X(LINGER, THREAD, "goes on")                       \
	X(ONCE_BEGIN, ONCE, "enters once")                 \
	X(ONCE_END, ONCE, "completes once")                \
	X(ONCE_ABANDON, ONCE, "abandons once")             \
	X(MUTEX_INIT, MUTEX, "initialises")                \
	X(MUTEX_DESTROY, MUTEX, "destroys")                \
	X(MUTEX_LOCK, MUTEX, "locks")                      \
	X(MUTEX_TRYLOCK, MUTEX, "tries to lock")           \
	X(MUTEX_UNLOCK, MUTEX, "unlocks")                  \
	X(MUTEX_CONSISTENT, MUTEX, "marks consistent")     \
	X(COND_INIT, COND, "initialises")                  \
	X(COND_DESTROY, COND, "destroys")                  \
	X(COND_WAIT, COND, "waits on")                     \
	X(COND_SIGNAL, COND, "signals")                    \
	X(COND_BROADCAST, COND, "broadcasts")              \
	X(RWLOCK_INIT, RWLOCK, "initialises")              \
	X(RWLOCK_DESTROY, RWLOCK, "destroys")              \
	X(RWLOCK_RDLOCK, RWLOCK, "read-locks")             \
	X(RWLOCK_TRYRDLOCK, RWLOCK, "tries to read-lock")  \
	X(RWLOCK_WRLOCK, RWLOCK, "write-locks")            \
	X(RWLOCK_TRYWRLOCK, RWLOCK, "tries to write-lock") \
	X(RWLOCK_UNLOCK, RWLOCK, "unlocks")                \
	X(SPIN_INIT, SPIN, "initialises")                  \
	X(SPIN_DESTROY, SPIN, "destroys")                  \
	X(SPIN_LOCK, SPIN, "spin-locks")                   \
	X(SPIN_TRYLOCK, SPIN, "tries to spin-lock")        \
	X(SPIN_UNLOCK, SPIN, "spin-unlocks")               \
	X(BARRIER_INIT, BARRIER, "initialises")            \
	X(BARRIER_DESTROY, BARRIER, "destroys")            \
	X(BARRIER_WAIT, BARRIER, "waits at")               \
	X(SEM_INIT, SEM, "initialises")                    \
	X(SEM_DESTROY, SEM, "destroys")                    \
	X(SEM_WAIT, SEM, "waits for")                      \
	X(SEM_TRYWAIT, SEM, "tries to take")               \
	X(SEM_POST, SEM, "posts")                          \
	X(SEM_GETVALUE, SEM, "reads the value of")         \
	X(SEM_OPERATE, SEM, "operates on")                 \
	X(SEM_OPEN, SEM, "opens")                          \
	X(SEM_CLOSE, SEM, "closes")                        \
	X(SEM_UNLINK, SEM, "unlinks")                      \
	X(SLEEP, TIME, "sleeps")                           \
	X(CLOCK_READ, TIME, "reads the clock")             \
	X(FUTEX_WAIT, FUTEX, "waits on futex")             \
	X(FUTEX_WAKE, FUTEX, "wakes futex")                \
	X(FUTEX_REQUEUE, FUTEX, "requeues futex")          \
	X(FUTEX_LOCK_PI, FUTEX, "locks futex")             \
	X(FUTEX_UNLOCK_PI, FUTEX, "unlocks futex")         \
	X(SYSCALL, FD, "calls the system")                 \
	X(FD_READ, FD, "reads from")                       \
	X(FD_WRITE, FD, "writes to")                       \
	X(FD_ACCEPT, FD, "accepts on")                     \
	X(FD_CONNECT, FD, "connects")                      \
	X(FD_POLL, FD, "polls")                            \
	X(FD_LOCK, FD, "locks file")                       \
	X(FD_UNLOCK, FD, "unlocks file")                   \
	X(FD_CLOSE, FD, "closes")                          \
	X(QUEUE_SEND, FD, "sends to")                      \
	X(QUEUE_RECEIVE, FD, "receives from")              \
	X(SIGNAL_WAIT, SIGNAL, "waits for a signal")       \
	X(SIGNAL_SEND, SIGNAL, "sends a signal")           \
	X(SIGNAL_TAKEN, SIGNAL, "handles a signal")        \
	X(CHILD_WAIT, PROCESS, "waits for a child")        \
	X(FORK, PROCESS, "forks")                          \
	X(EXEC, PROCESS, "becomes another program")        \
	X(EXIT, PROCESS, "exits")                          \
	X(KILLED, PROCESS, "is killed by --kill")          \
	X(READ, MEMORY, "reads")                           \
	X(WRITE, MEMORY, "writes")                         \
	X(ATOMIC_LOAD, MEMORY, "atomically loads")         \
	X(ATOMIC_STORE, MEMORY, "atomically stores")       \
	X(ATOMIC_RMW, MEMORY, "atomically updates")        \
	X(FENCE, MEMORY, "fences")                         \
	X(SPIN_READ, MEMORY, "spins on")                   \
	X(FREE, MEMORY, "frees")                           \
	X(INLINE_ATOMIC, MEMORY, "atomically updates")

enum op_kind {
#define X(name, family, text) OP_##name,
	OP_LIST(X)
#undef X
		OP_KIND_COUNT
};

enum op_family {
	FAMILY_NONE,
	FAMILY_THREAD,
	FAMILY_ONCE,
	FAMILY_MUTEX,
	FAMILY_COND,
	FAMILY_RWLOCK,
	FAMILY_SPIN,
	FAMILY_BARRIER,
	FAMILY_SEM,
	FAMILY_TIME,
	FAMILY_FUTEX,
	FAMILY_FD,
	FAMILY_SIGNAL,
	FAMILY_PROCESS,
	FAMILY_MEMORY, /* accesses of instrumented programs; object: the address, args[0]: the size
			*/
	FAMILY_COUNT
};

/* No deadline: the operation waits for ever. */
#define OP_NO_DEADLINE UINT64_MAX

/*
 * What a thread is about to do. Filled by the interception layer on behalf of the calling thread;
 * the model of the operation owns phase and the meaning of args.
 */
struct op {
	uint16_t kind;        /* enum op_kind */
	uint16_t phase;       /* the model's own progress; 0 when published */
	uint32_t flags;       /* enum op_flag */
	void *object;         /* the primitive, or (void *)(intptr_t)fd for FAMILY_FD; NULL: none */
	void *object2;        /* e.g. the mutex of a condition wait */
	void *site;           /* return address into the code that called */
	uint64_t args[4];     /* as the model of the kind says */
	uint64_t deadline_ns; /* virtual time of CLOCK_MONOTONIC, or OP_NO_DEADLINE */
};

enum op_flag {
	OP_CANCELLATION_POINT = 1U << 0, /* a blocked wait may be ended by pthread_cancel */
	OP_INTERRUPTIBLE = 1U << 1, /* a blocked wait may be ended by a signal handler: EINTR */
	OP_TIMED_OUT = 1U << 2,     /* set by the world when the deadline passed while blocked */
	OP_INTERRUPTED = 1U << 3,   /* set by the world when a handler is to run while blocked */
	OP_CANCELLED = 1U << 4,     /* set by the world when a cancel ended the wait */
	OP_RESUMES = 1U << 6,   /* a handler that ended the wait runs, and the wait then goes on */
	OP_STEER_ONE = 1U << 7, /* an access that the schedule is steered at: see sched/steer.c */
	OP_STEER_OTHER = 1U << 8, /* the one that races with it */
};

_Static_assert(OP_MUTEX_TRYLOCK == OP_MUTEX_LOCK + 1 && OP_MUTEX_UNLOCK == OP_MUTEX_LOCK + 2,
	       "op_is_lock_or_unlock()");
_Static_assert(OP_FENCE == OP_READ + 5, "op_is_access()");

static inline bool op_is_lock_or_unlock(const struct op *op)
{
	/* One comparison: the try between them has the odd number. */
	return ((op->kind - OP_MUTEX_LOCK) & ~2U) == 0;
}

/* Of an instrumented program, plain, atomic or a fence: the thread itself performs it when it is
 * chosen. */
static inline bool op_is_access(const struct op *op)
{
	return (uint32_t)op->kind - OP_READ <= OP_FENCE - OP_READ;
}

/* The kind's name without prefix ("MUTEX_LOCK"), its text and family. Never NULL for kinds below
 * OP_KIND_COUNT. */
const char *op_kind_name(unsigned kind);
const char *op_kind_text(unsigned kind);
enum op_family op_kind_family(unsigned kind);
const char *op_family_noun(enum op_family family); /* "mutex", "condition", ... */

#endif
