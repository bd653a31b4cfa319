/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls that the kernel performs at a scheduling point: the request (model/fd.h), how it is
 * published, and the small tests that attempts share.
 */
#ifndef JOSTLE_ENGINE_CALL_WAIT_H
#define JOSTLE_ENGINE_CALL_WAIT_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/calls/call.h"
#include "model/fd.h"

/* Request for a call on args[0]'s descriptor with the call's arguments. */
struct fd_request call_request(const struct call *c, int fd, long (*attempt)(struct fd_request *));

/*
 * Publishes the request as kind and returns the call's result. After a signal handler ran, a
 * restartable call (SA_RESTART given for every handler that ran) is published again. On the fiber's
 * stack.
 */
long call_wait(const struct call *c, enum op_kind kind, struct fd_request *r, uint64_t deadline_ns,
	       bool restartable);

/* OP_CANCELLATION_POINT, or 0. By name it is the function that POSIX lists; a trapped instruction
 * is one when libc says so. */
uint32_t call_cancellation(const struct call *c);

/* The call at a scheduling point, on a descriptor or -1; at once while the engine stands aside. */
long call_point(const struct call *c, enum op_kind kind, int fd,
		long (*attempt)(struct fd_request *));

/* The request's call, as it is. */
long attempt_raw(struct fd_request *r);
static inline long request_raw(const struct fd_request *r)
{
	return sys_call6(r->nr, r->args[0], r->args[1], r->args[2], r->args[3], r->args[4],
			 r->args[5]);
}

/* poll(2) without waiting: the events that are there (POLLERR and POLLHUP included), 0: none. */
short call_poll_now(int fd, short events);
bool call_is_nonblocking(int fd);
/* Sets or clears O_NONBLOCK; returns whether it was set. */
bool call_set_nonblocking(int fd, bool on);

/* Tests of readiness and sources for a request on one descriptor. */
bool ready_to_read(const struct fd_request *r);
bool ready_to_write(const struct fd_request *r);
unsigned source_read(const struct fd_request *r, struct pollfd *out, unsigned max);
unsigned source_write(const struct fd_request *r, struct pollfd *out, unsigned max);

/* Objects that cannot be polled (file locks, System V): whoever may have freed one counts up,
 * waiters compare. */
extern uint64_t call_serial;
bool ready_by_serial(const struct fd_request *r);

/* Relative time from a timespec (NULL: for ever) to a deadline; 0 or -EINVAL. */
long call_deadline(const void *timespec, uint64_t *deadline_ns);

#endif
