/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operations that the kernel performs and that may have to wait: reads, writes, accepts, polls,
 * file locks, message queues, children.
 *
 * The kernel keeps the state of these objects, so the model asks it: the engine supplies an attempt
 * that never blocks and a cheap test of readiness. A thread whose attempt would block stands in one
 * list with all others of its kind; whenever an operation was performed, each waiter's test is run
 * and those that would get on become ready. So a thread is ready only when its call would really
 * succeed, and this file knows no descriptor.
 */
#ifndef JOSTLE_MODEL_FD_H
#define JOSTLE_MODEL_FD_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "model/world.h"

struct pollfd;

/* What an attempt returns when the call would have to wait. */
#define FD_WOULD_BLOCK LONG_MIN

/* Lives on the stack of the calling fiber; op.args[0] points to it. */
struct fd_request {
	/* Performs without waiting: the call's result or -errno, FD_WOULD_BLOCK. May keep progress
	 * in done. */
	long (*attempt)(struct fd_request *);
	/* Whether an attempt would get further now. Changes nothing. */
	bool (*ready)(const struct fd_request *);
	/* Descriptors, with events, whose readiness would let an attempt get further: at most max;
	 * how many. NULL: nothing can be polled (locks, System V objects, children). */
	unsigned (*sources)(const struct fd_request *, struct pollfd *out, unsigned max);
	thread_id thread; /* whose call it is: attempts and tests run while others are current */
	long nr;
	long args[6];
	uint64_t serial; /* the engine's, for objects that cannot be polled */
	uint64_t done; /* bytes moved so far; an interrupted or timed out transfer of some bytes is
			  a success */
	uint64_t timeout_ns; /* attempt may set it when it would block (SO_RCVTIMEO); 0: none */
	long timed_out;      /* result when the deadline passes */
	bool progress; /* attempt would block, yet changed something that others may wait for */
	int fd;        /* or -1 */
	int held; /* engine's duplicate of fd while the program closed it under the waiting thread,
		     or -1 */
};

/* All kinds of FAMILY_FD, and CHILD_WAIT. Result: the call's, -EINTR, MODEL_CANCELLED. */
enum model_step model_fd(struct world *, struct thread *);

/* Performed an operation that may have made others ready: wakes the waiters that would get on.
 * Returns how many. */
unsigned fd_recheck(struct world *);
/* The same for the waiters of this process alone. */
unsigned fd_recheck_own(struct world *);
/* The n-th thread that waits in a request, in order of arrival, or NULL. */
struct thread *fd_waiter_at(const struct world *, unsigned n);

static inline struct fd_request *fd_request_of(const struct thread *t)
{
	return (struct fd_request *)(uintptr_t)t->op.args[0];
}

#endif
