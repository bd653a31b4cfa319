/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A finding: what was seen, as data. The engine and the detectors fill it inside the target; the
 * tools read it, give the addresses names and print it. Fixed size and without pointers that only
 * one side could follow: addresses are those of the target, to be read with the module list on the
 * board.
 */
#ifndef JOSTLE_EVENT_FINDING_H
#define JOSTLE_EVENT_FINDING_H

#include <stdbool.h>
#include <stdint.h>

/* X(NAME, "name in the contract", default severity) */
#define FINDING_LIST(X)                      \
	X(NONE, "none", NOTE)                \
	X(RACE, "race", ERROR)               \
	X(DEADLOCK, "deadlock", ERROR)       \
	X(LOCK_ORDER, "lock-order", WARNING) \
	X(LIVELOCK, "livelock", ERROR)       \
	X(STARVATION, "starvation", ERROR)   \
	X(HANG, "hang", ERROR)               \
	X(MISUSE, "misuse", ERROR)           \
	X(LIFETIME, "lifetime", ERROR)       \
	X(LEAK, "leak", NOTE)                \
	X(ASSERT, "assert", ERROR)           \
	X(CRASH, "crash", ERROR)             \
	X(EXIT, "exit", ERROR)               \
	X(INVARIANT, "invariant", ERROR)     \
	X(OUTCOME, "outcome", ERROR)         \
	X(LINEARIZABILITY, "linearizability", ERROR)

enum finding_kind {
#define X(name, text, severity) FINDING_##name,
	FINDING_LIST(X)
#undef X
		FINDING_KIND_COUNT
};

enum severity { SEVERITY_NOTE, SEVERITY_WARNING, SEVERITY_ERROR };

/* X(NAME, "name in reports"): why, within a kind. Append freely; names are stored, numbers are not.
 */
#define CAUSE_LIST(X)                                 \
	X(NONE, "")                                   \
	X(LOCK_CYCLE, "lock-cycle")                   \
	X(SELF, "self")                               \
	X(SELF_IN_HANDLER, "self-in-handler")         \
	X(LOST_WAKEUP, "lost-wakeup")                 \
	X(MISSED_BROADCAST, "missed-broadcast")       \
	X(FORGOTTEN_UNLOCK, "forgotten-unlock")       \
	X(OWNER_EXITED, "owner-exited")               \
	X(OWNER_DIED, "owner-died")                   \
	X(OWNER_NOT_FORKED, "owner-not-forked")       \
	X(UPGRADE, "upgrade")                         \
	X(JOIN_CYCLE, "join-cycle")                   \
	X(CIRCLE, "circular-wait")                    \
	X(CHILD_WAIT, "child-wait")                   \
	X(SEMAPHORE, "semaphore")                     \
	X(BARRIER, "barrier")                         \
	X(PIPE, "pipe")                               \
	X(QUEUE, "queue")                             \
	X(NO_SIGNAL, "no-signal")                     \
	X(FUTEX, "futex")                             \
	X(WAIT_SIGNAL, "signal-wait")                 \
	X(UNLOCK_NOT_OWNER, "unlock-not-owner")       \
	X(UNLOCK_UNLOCKED, "unlock-unlocked")         \
	X(DESTROY_HELD, "destroy-held")               \
	X(DESTROY_WAITED, "destroy-waited")           \
	X(DOUBLE_DESTROY, "double-destroy")           \
	X(USE_DESTROYED, "use-destroyed")             \
	X(UNINITIALISED, "uninitialised")             \
	X(REINITIALISED, "reinitialised-in-use")      \
	X(RELOCK, "relock")                           \
	X(WAIT_NOT_HELD, "wait-mutex-not-held")       \
	X(WAIT_RECURSIVE, "wait-recursively-held")    \
	X(TWO_MUTEXES, "two-mutexes")                 \
	X(SEM_OVERFLOW, "semaphore-overflow")         \
	X(SEM_NEGATIVE, "semaphore-negative")         \
	X(JOIN_TWICE, "join-twice")                   \
	X(JOIN_DETACHED, "join-detached")             \
	X(JOIN_SELF, "join-self")                     \
	X(DETACH_TWICE, "detach-twice")               \
	X(NO_SUCH_THREAD, "no-such-thread")           \
	X(ONCE_RECURSIVE, "once-recursive")           \
	X(TOO_MANY_THREADS, "too-many-threads")       \
	X(KEY_INVALID, "invalid-key")                 \
	X(INVALID_FREE, "invalid-free")               \
	X(DOUBLE_FREE, "double-free")                 \
	X(USE_AFTER_FREE, "use-after-free")           \
	X(STACK_OVERFLOW, "stack-overflow")           \
	X(SIGNAL, "signal")                           \
	X(ABORT, "abort")                             \
	X(KILLED, "killed")                           \
	X(EXIT_STATUS, "exit-status")                 \
	X(UNCAUGHT_EXCEPTION, "uncaught-exception")   \
	X(STEP_BOUND, "step-bound")                   \
	X(NO_SCHEDULING_POINT, "no-scheduling-point") \
	X(NO_PROGRESS, "no-progress")                 \
	X(NOBODY_LEFT, "nobody-left")                 \
	X(LOCK_HELD, "lock-held-at-exit")             \
	X(THREAD_LEAKED, "thread-not-joined")         \
	X(FORBIDDEN, "forbidden")                     \
	X(WRITE_WRITE, "write-write")                 \
	X(READ_WRITE, "read-write")                   \
	X(ATOMIC_PLAIN, "atomic-plain")               \
	X(ACCESS_FREE, "access-free")                 \
	X(DEAD_STACK, "dead-stack")                   \
	X(DEAD_FRAME, "dead-frame")                   \
	X(INVALID_ACCESS, "invalid-access")           \
	X(UNINITIALISED_VALUE, "uninitialised-value") \
	X(MISMATCHED_FREE, "mismatched-free")         \
	X(MEMORY_LOST, "memory-lost")

enum finding_cause {
#define X(name, text) CAUSE_##name,
	CAUSE_LIST(X)
#undef X
		CAUSE_COUNT
};

enum site_role {
	SITE_AT,        /* where it happened */
	SITE_WAITS,     /* thread waits for object here */
	SITE_HOLDS,     /* thread holds object, taken here */
	SITE_FIRST,     /* the earlier of two (first destroy, first join, earlier unlock, first lock
			   order) */
	SITE_CREATED,   /* thread was created here */
	SITE_SIGNALLED, /* the wake-up that found no (or only one) waiter */
	SITE_ENDED,     /* thread ended here while it held object */
	SITE_EDGE,      /* in a lock-order cycle: holding object2, takes object */
	SITE_ACCESS,    /* thread accesses size bytes at object; op_kind says how */
	SITE_ALLOCATED, /* the heap block that holds object was allocated here; object: its start,
			   size: its size; 0: not known */
	/* Of a race of which one access alone is known: thread made the other one between these. */
	SITE_AFTER,
	SITE_BEFORE,
};

#define FINDING_SITES_MAX 24
#define FINDING_FRAMES_MAX                                                                         \
	1 /* frames recorded on the spot; full stacks come from replaying, see board.h stack dumps \
	   */
#define FINDING_TEXT_MAX 256

/* One place that takes part in a finding. */
struct finding_site {
	uint64_t pc;     /* return address in the target's code; 0 unknown */
	uint64_t object; /* address of the primitive, 0 none */
	uint64_t object2;
	uint32_t step;   /* step number in the schedule at which it happened; replaying to it gives
			    its full stack */
	uint16_t thread; /* thread_id, THREAD_NONE when unknown */
	uint8_t role;    /* enum site_role */
	uint8_t op_kind; /* enum op_kind */
	uint32_t size;   /* SITE_ACCESS, SITE_ALLOCATED: bytes */
	uint32_t unused;
	char thread_name[16];
};

struct finding {
	uint8_t kind;     /* enum finding_kind */
	uint8_t cause;    /* enum finding_cause */
	uint8_t severity; /* enum severity */
	uint8_t inexact;  /* 1: an uncontrolled input or a timer preemption took part */
	uint16_t thread;  /* whose step it was, THREAD_NONE for all */
	uint16_t site_count;
	uint32_t step;
	int32_t signal; /* crash: the signal's number */
	int32_t status; /* exit: the status; race: 1 when both threads ran inline assembly before */
	uint32_t older_loads; /* of its schedule, up to it: atomic loads that read an older value */
	uint64_t address;     /* crash: si_addr; UINT64_MAX: not known */
	uint64_t key; /* equal for findings that are the same; stable over runs and address layouts
		       */
	struct finding_site sites[FINDING_SITES_MAX];
	char text[FINDING_TEXT_MAX]; /* assertion, invariant's or outcome's text; NUL-terminated,
					any bytes */
};

const char *finding_kind_name(unsigned kind);
enum severity finding_kind_severity(unsigned kind);
/* Of the others a schedule may have any number, and goes on. */
bool finding_ends_schedule(unsigned kind);
const char *finding_cause_name(unsigned cause);
const char *severity_name(unsigned severity);
const char *site_role_text(unsigned role);
/* The enumerator for a name, or -1. */
int finding_kind_from_name(const char *name);
int finding_cause_from_name(const char *name);
int severity_from_name(const char *name);

#endif
