/* SPDX-License-Identifier: Apache-2.0 */
/* Publishing calls that may wait; see call_wait.h. */
#include "engine/calls/call_wait.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>

#include "engine/access/access.h"
#include "engine/descriptors/fd.h"
#include "engine/linger.h"
#include "engine/nasty.h"
#include "engine/processes/process.h"
#include "engine/processes/shared.h"
#include "engine/signal.h"

uint64_t call_serial SHARED_STATE;

struct fd_request call_request(const struct call *c, int fd, long (*attempt)(struct fd_request *))
{
	struct fd_request r = {
		.attempt = attempt,
		.ready = ready_to_read,
		.sources = source_read,
		.thread = engine_current->id,
		.nr = c->nr,
		.timed_out = -EAGAIN,
		.fd = fd,
		.held = -1,
	};

	for (int i = 0; i < 6; i++)
		r.args[i] = c->args[i];
	return r;
}

uint32_t call_cancellation(const struct call *c)
{
	return !c->context || process_cancellable(engine_current) ? OP_CANCELLATION_POINT : 0;
}

long call_wait(const struct call *c, enum op_kind kind, struct fd_request *r, uint64_t deadline_ns,
	       bool restartable)
{
	const int number = r->fd;
	long result;

	if (kind != OP_SYSCALL && kind != OP_FD_CLOSE && kind != OP_FD_UNLOCK &&
	    nasty_interrupts() && (number < 0 || fd_may_wait(number)))
		return -EINTR;
	if (kind != OP_SYSCALL && kind != OP_FD_CLOSE && kind != OP_FD_UNLOCK &&
	    kind != OP_FD_POLL && (number < 0 || fd_may_wait(number)))
		linger_before_wait(c->site);
	if (access_state.on)
		access_before_call(c);
	do {
		struct op *op = engine_publish(kind, (void *)(intptr_t)number, c->site);

		op->flags = OP_INTERRUPTIBLE | call_cancellation(c);
		op->args[0] = (uintptr_t)r;
		op->args[1] = (uint64_t)r->nr;
		op->deadline_ns = deadline_ns;
		signal_forget_handlers();
		result = engine_step();
	} while (result == -EINTR && signal_restarts(restartable));
	if (r->held >= 0)
		fd_release(r->held);
	if (access_state.on)
		access_after_call(c, result);
	return result;
}

long attempt_raw(struct fd_request *r)
{
	return request_raw(r);
}

short call_poll_now(int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };

	return sys_call3(SYS_poll, (long)&p, 1, 0) > 0 ? p.revents : 0;
}

bool call_is_nonblocking(int fd)
{
	const long flags = sys_call3(SYS_fcntl, fd, F_GETFL, 0);

	return flags >= 0 && (flags & O_NONBLOCK);
}

bool call_set_nonblocking(int fd, bool on)
{
	const long flags = sys_call3(SYS_fcntl, fd, F_GETFL, 0);

	if (flags < 0)
		return true;
	if (!(flags & O_NONBLOCK) != !on)
		sys_call3(SYS_fcntl, fd, F_SETFL, on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK);
	return flags & O_NONBLOCK;
}

bool ready_to_read(const struct fd_request *r)
{
	return call_poll_now(r->fd, POLLIN) != 0;
}

bool ready_to_write(const struct fd_request *r)
{
	return call_poll_now(r->fd, POLLOUT) != 0;
}

static unsigned source(const struct fd_request *r, struct pollfd *out, unsigned max, short events)
{
	if (max == 0)
		return 0;
	out->fd = r->fd;
	out->events = events;
	out->revents = 0;
	return 1;
}

unsigned source_read(const struct fd_request *r, struct pollfd *out, unsigned max)
{
	return source(r, out, max, POLLIN);
}

unsigned source_write(const struct fd_request *r, struct pollfd *out, unsigned max)
{
	return source(r, out, max, POLLOUT);
}

bool ready_by_serial(const struct fd_request *r)
{
	return r->serial != call_serial;
}

long call_deadline(const void *timespec, uint64_t *deadline_ns)
{
	*deadline_ns = OP_NO_DEADLINE;
	return timespec ? -engine_deadline_relative(timespec, deadline_ns) : 0;
}

long call_point(const struct call *c, enum op_kind kind, int fd,
		long (*attempt)(struct fd_request *))
{
	struct fd_request r = call_request(c, fd, attempt);

	return engine_aside() ? attempt(&r) : call_wait(c, kind, &r, OP_NO_DEADLINE, CALL_RESTARTS);
}
