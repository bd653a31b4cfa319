/* SPDX-License-Identifier: Apache-2.0 */
/*
 * splice, tee, vmsplice, sendfile, copy_file_range: a call with two ends, either of which may wait.
 * O_NONBLOCK is set on both around the attempt.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>

#include "engine/calls/call.h"
#include "engine/calls/call_wait.h"
#include "engine/descriptors/fd.h"
#include "engine/signal.h"

static void transfer_ends(const struct fd_request *r, int *in, int *out)
{
	switch (r->nr) {
	case SYS_sendfile:
		*out = (int)r->args[0];
		*in = (int)r->args[1];
		break;
	case SYS_splice:
	case SYS_copy_file_range:
		*in = (int)r->args[0];
		*out = (int)r->args[2];
		break;
	case SYS_tee:
		*in = (int)r->args[0];
		*out = (int)r->args[1];
		break;
	default: /* vmsplice: memory and a pipe */
		*in = -1;
		*out = (int)r->args[0];
		break;
	}
}

static long attempt_transfer(struct fd_request *r)
{
	int in, out;
	bool in_waits, out_waits, in_was = true, out_was = true;
	long result;

	transfer_ends(r, &in, &out);
	in_waits = in >= 0 && fd_may_wait(in);
	out_waits = fd_may_wait(out);
	fd_moved(in);
	fd_moved(out);
	if (in_waits)
		in_was = call_set_nonblocking(in, true);
	if (out_waits)
		out_was = call_set_nonblocking(out, true);
	result = request_raw(r);
	if (in_waits && !in_was)
		call_set_nonblocking(in, false);
	if (out_waits && !out_was)
		call_set_nonblocking(out, false);
	return result == -EAGAIN && !((in_waits && in_was) || (out_waits && out_was))
		       ? FD_WOULD_BLOCK
		       : result;
}

static bool ready_to_transfer(const struct fd_request *r)
{
	int in, out;

	transfer_ends(r, &in, &out);
	return (in < 0 || !fd_may_wait(in) || call_poll_now(in, POLLIN)) &&
	       (!fd_may_wait(out) || call_poll_now(out, POLLOUT));
}

static unsigned transfer_sources(const struct fd_request *r, struct pollfd *to, unsigned max)
{
	int in, out;
	unsigned count = 0;

	transfer_ends(r, &in, &out);
	if (max > 0 && in >= 0 && fd_may_wait(in) && !call_poll_now(in, POLLIN))
		to[count++] = (struct pollfd){ .fd = in, .events = POLLIN };
	if (max > count && fd_may_wait(out) && !call_poll_now(out, POLLOUT))
		to[count++] = (struct pollfd){ .fd = out, .events = POLLOUT };
	return count;
}

long call_transfer(struct call *c)
{
	struct fd_request r = call_request(c, -1, attempt_transfer);
	int in, out;
	long result;

	transfer_ends(&r, &in, &out);
	if (fd_is_engine(in) || fd_is_engine(out))
		return -EBADF;
	r.ready = ready_to_transfer;
	r.sources = transfer_sources;
	result = call_wait(c, OP_FD_WRITE, &r, OP_NO_DEADLINE, CALL_RESTARTS);
	if (result == -EPIPE)
		signal_raise(SIGPIPE);
	return result;
}
