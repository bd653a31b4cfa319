/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A thread under test, as models, detectors and strategies know it: a number, a published
 * operation, what it waits for and what it holds. The engine embeds it as the first member of its
 * fiber. Only the engine's scheduling step writes it, one thread under test runs at a time, so no
 * field needs a guard.
 */
#ifndef JOSTLE_EVENT_THREAD_H
#define JOSTLE_EVENT_THREAD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/hidden.h"
#include "base/list.h"
#include "event/op.h"

typedef uint16_t thread_id; /* 0 is main; numbered in order of creation within a schedule, over
				all its processes */
typedef uint8_t process_id; /* 0 is the program that was started; numbered in order of creation */

#define THREAD_NONE   ((thread_id)0xffff)
#define PROCESSES_MAX 64
#define THREADS_MAX                                                                               \
	1024 /* threads alive or finished in one schedule; more is the verdict "too many threads" \
	      */
#define HOLDS_MAX       24 /* locks that one thread is seen to hold; more: see holds_lost */
#define THREAD_NAME_MAX 16

enum thread_status {
	THREAD_UNUSED,
	THREAD_READY,    /* its published operation may be performable */
	THREAD_BLOCKED,  /* its operation was found not enabled; waits in the list of wait_object or
			    for its deadline */
	THREAD_FINISHED, /* ended; joinable until reaped */
};

enum hold_mode { HOLD_EXCLUSIVE, HOLD_SHARED };

/* One lock held: where it was taken. Reports and the lock graph read it; models push and pop. */
struct hold {
	void *object;
	void *site;
	uint32_t step;
	uint8_t family;      /* enum op_family */
	uint8_t mode;        /* enum hold_mode */
	uint16_t depth : 14; /* recursion, 1 for a plain lock; of a file lock the descriptor */
	uint16_t copied : 1; /* taken before the fork that made this thread, and so its copy */
	uint16_t robust : 1; /* a robust mutex: the holder's end must be told to the next owner */
};

/*
 * What an object is known by where waiters and holds are compared: its address, which means
 * something within one process only; in memory that processes share a key, with this bit, that is
 * the same in all of them. Without the bit a key is an address again: that of the object in the
 * process that mapped the memory first.
 */
#define OBJECT_SHARED (1ULL << 62)

static inline int object_is_shared(const void *key)
{
	return ((uint64_t)(uintptr_t)key & OBJECT_SHARED) != 0;
}

/* Are these keys, each of a thread of that process, those of one object? */
static inline int object_same(const void *one, process_id of_one, const void *other,
			      process_id of_other)
{
	return one == other && (of_one == of_other || object_is_shared(one));
}

struct thread {
	thread_id id;
	uint8_t status; /* enum thread_status */
	uint8_t detached;
	int32_t ready_index; /* place in the world's ready array, -1 when not there */
	long result;         /* of the operation just performed; handed to the caller */
	/*
	 * The word of the lock that the operation cannot do without, or thread_gate_open. It only
	 * saves asking about an operation that is not enabled: a thread whose gate is shut would be
	 * found blocked if it were chosen, and would have done nothing.
	 */
	const uint32_t *gate;
	struct op op;

	void *wait_object; /* whose waiter list it stands in, NULL when none */
	struct list wait_link;
	struct list timer_link; /* in the world's timers while a deadline is pending and the thread
				   is blocked */
	uint64_t wait_order;    /* serial number of the wait, for arrival order */

	uint32_t hold_count;
	uint32_t holds_lost;
	struct hold holds[HOLDS_MAX];

	thread_id creator;
	thread_id joiner; /* who waits in join, THREAD_NONE */
	uint32_t join_step;
	void *join_site; /* where it was reaped, when joined */
	uint8_t joined;  /* reaped by a join */
	uint8_t cancel_disabled;
	uint8_t cancel_async;
	uint8_t cancel_pending;
	uint8_t exiting;
	uint8_t died;     /* its process was killed by a signal */
	uint8_t notified; /* runs the function of a timer or queue */
	process_id process;
	void *exit_value;
	void *create_site;
	void *start_routine;
	uint64_t handle; /* the pthread_t that the program sees */
	uint64_t signals_pending;
	uint64_t signals_blocked;
	char name[THREAD_NAME_MAX];
};

/* A gate that nobody ever shuts. */
extern HIDDEN const uint32_t thread_gate_open;

/* Shut: not zero. What else than a taken lock could make it so is for whoever sets the gate. */
static inline bool thread_gate_is_shut(const struct thread *t)
{
	return *t->gate != 0;
}

#endif
