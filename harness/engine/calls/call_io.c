/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading, writing, accepting, connecting: attempts that never wait, for calls on descriptors that
 * do.
 *
 * RWF_NOWAIT and MSG_DONTWAIT ask for one call what O_NONBLOCK would say for the whole open file,
 * which may be shared with others. Where neither is understood, O_NONBLOCK is set around the call.
 * A write to a blocking pipe or stream only returns when all is written: the attempt keeps in done
 * what went through.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>

#include "engine/calls/call.h"
#include "engine/calls/call_wait.h"
#include "engine/calls/random.h"
#include "engine/descriptors/datagrams.h"
#include "engine/descriptors/fd.h"
#include "engine/descriptors/peers.h"
#include "engine/descriptors/ports.h"
#include "engine/descriptors/special.h"
#include "engine/nasty.h"
#include "engine/signal.h"

#define IOV_PIECE 64 /* vectors handed over at a time when a write goes on in its middle */

/* Around one call: O_NONBLOCK for a file that understands nothing else. */
static long raw_nonblocking(const struct fd_request *r)
{
	const bool was = call_set_nonblocking(r->fd, true);
	const long result = request_raw(r);

	if (!was)
		call_set_nonblocking(r->fd, false);
	return result;
}

/* The call said EAGAIN. Was that what the program asked for? Notes the socket's timeout otherwise.
 */
static long would_block(struct fd_request *r, long flags, int timeout_option)
{
	struct timeval timeout = { 0 };
	unsigned size = sizeof(timeout);

	if ((flags & MSG_DONTWAIT) || call_is_nonblocking(r->fd))
		return r->done > 0 ? (long)r->done : -EAGAIN;
	if (sys_call5(SYS_getsockopt, r->fd, SOL_SOCKET, timeout_option, (long)&timeout,
		      (long)&size) == 0)
		r->timeout_ns =
			(uint64_t)timeout.tv_sec * 1000000000 + (uint64_t)timeout.tv_usec * 1000;
	return FD_WOULD_BLOCK;
}

static long vector_nowait(long nr, int fd, const struct iovec *vector, long count)
{
	return sys_call6(nr, fd, (long)vector, count, -1, -1, RWF_NOWAIT);
}

static long read_once(struct fd_request *r)
{
	struct iovec one = { (void *)r->args[1], (size_t)r->args[2] };
	long result;

	switch (r->nr) {
	case SYS_read:
		result = vector_nowait(SYS_preadv2, r->fd, &one, 1);
		break;
	case SYS_readv:
		result = vector_nowait(SYS_preadv2, r->fd, (struct iovec *)r->args[1], r->args[2]);
		break;
	case SYS_recvfrom:
		return sys_call6(r->nr, r->fd, r->args[1] + (long)r->done,
				 r->args[2] - (long)r->done, r->args[3] | MSG_DONTWAIT, r->args[4],
				 r->args[5]);
	case SYS_recvmsg:
		return sys_call3(r->nr, r->fd, r->args[1], r->args[2] | MSG_DONTWAIT);
	case SYS_recvmmsg:
		return sys_call5(r->nr, r->fd, r->args[1], r->args[2], r->args[3] | MSG_DONTWAIT,
				 0);
	default:
		return raw_nonblocking(r);
	}
	return result == -EOPNOTSUPP ? raw_nonblocking(r) : result;
}

static long message_flags(const struct fd_request *r)
{
	switch (r->nr) {
	case SYS_recvfrom:
	case SYS_sendto:
	case SYS_recvmmsg:
	case SYS_sendmmsg:
		return r->args[3];
	case SYS_recvmsg:
	case SYS_sendmsg:
		return r->args[2];
	default:
		return 0;
	}
}

static long attempt_read(struct fd_request *r)
{
	const long flags = message_flags(r);
	long result;

	if (!fd_may_wait(r->fd)) {
		fd_moved(r->fd);
		return request_raw(r);
	}
	if (fd_class_of(r->fd) == FD_SIGNAL)
		result = special_read_signals(r);
	else
		result = read_once(r);
	if (result == -EAGAIN)
		return would_block(r, flags, SO_RCVTIMEO);
	if (result >= 0 && fd_class_of(r->fd) == FD_DATAGRAM)
		call_serial++; /* there is room in its queue */
	if (r->nr == SYS_recvfrom && (flags & MSG_WAITALL) && !(flags & MSG_DONTWAIT) &&
	    result > 0) {
		r->done += (uint64_t)result;
		if (r->done < (uint64_t)r->args[2] && !call_is_nonblocking(r->fd)) {
			r->progress = true;
			return FD_WOULD_BLOCK;
		}
		return (long)r->done;
	}
	return result == 0 && r->done > 0 ? (long)r->done : result;
}

long call_read(struct call *c)
{
	const int fd = (int)c->args[0];
	struct fd_request r = call_request(c, fd, attempt_read);
	long result;

	if (fd_is_engine(fd))
		return -EBADF;
	if (fd_class_of(fd) == FD_RANDOM)
		return random_read(c);
	if (fd_class_of(fd) == FD_SIGNAL)
		r.ready = special_signals_ready;
	if (nasty_refuses() && call_is_nonblocking(fd))
		return -EAGAIN;
	if (c->nr == SYS_read || (c->nr == SYS_recvfrom && !(c->args[3] & MSG_WAITALL)))
		r.args[2] = (long)nasty_size(&r, (uint64_t)r.args[2]);
	result = call_wait(c, OP_FD_READ, &r, OP_NO_DEADLINE, CALL_RESTARTS);
	if (result >= 0 && c->nr == SYS_recvfrom)
		ports_show(fd, (void *)c->args[4]);
	return result;
}

/* Descriptors may come with the message. */
long call_recvmsg(struct call *c)
{
	uint64_t deadline_ns = OP_NO_DEADLINE;
	struct fd_request r = call_request(c, (int)c->args[0], attempt_read);
	const struct msghdr *message = (const struct msghdr *)c->args[1];
	long result;

	if (fd_is_engine(r.fd))
		return -EBADF;
	if (c->nr == SYS_recvmmsg && c->args[4] &&
	    call_deadline((const void *)c->args[4], &deadline_ns) < 0)
		return -EINVAL;
	result = engine_aside() ? call_raw(c)
				: call_wait(c, OP_FD_READ, &r, deadline_ns, CALL_RESTARTS);
	if (result >= 0 && (c->nr == SYS_recvmmsg || message->msg_controllen > 0))
		fd_unknown();
	if (c->nr == SYS_recvmsg && result >= 0)
		ports_show(r.fd, message->msg_name);
	for (long i = 0; c->nr == SYS_recvmmsg && i < result; i++)
		ports_show(r.fd, ((const struct mmsghdr *)message)[i].msg_hdr.msg_name);
	return result;
}

/* Copies what is left of a vector after done bytes, at most IOV_PIECE pieces; returns how many. */
static long vector_rest(const struct iovec *vector, size_t count, uint64_t done, struct iovec *rest)
{
	long used = 0;

	for (size_t i = 0; i < count && used < IOV_PIECE; i++) {
		if (done >= vector[i].iov_len) {
			done -= vector[i].iov_len;
			continue;
		}
		rest[used].iov_base = (char *)vector[i].iov_base + done;
		rest[used++].iov_len = vector[i].iov_len - done;
		done = 0;
	}
	return used;
}

static uint64_t vector_size(const struct iovec *vector, size_t count)
{
	uint64_t size = 0;

	for (size_t i = 0; i < count; i++)
		size += vector[i].iov_len;
	return size;
}

static long write_rest(struct fd_request *r, const struct iovec *vector, size_t count)
{
	struct iovec rest[IOV_PIECE];
	long result;

	if (r->done == 0 && count <= IOV_PIECE)
		result = vector_nowait(SYS_pwritev2, r->fd, vector, (long)count);
	else
		result = vector_nowait(SYS_pwritev2, r->fd, rest,
				       vector_rest(vector, count, r->done, rest));
	return result == -EOPNOTSUPP ? raw_nonblocking(r) : result;
}

static long write_once(struct fd_request *r)
{
	struct iovec one = { (void *)r->args[1], (size_t)r->args[2] };
	struct iovec rest[IOV_PIECE];
	struct sockaddr_storage to;
	struct msghdr message;

	switch (r->nr) {
	case SYS_write:
		return write_rest(r, &one, 1);
	case SYS_writev:
		return write_rest(r, (const struct iovec *)r->args[1], (size_t)r->args[2]);
	case SYS_sendto:
		return sys_call6(r->nr, r->fd, r->args[1] + (long)r->done,
				 r->args[2] - (long)r->done, r->args[3] | MSG_DONTWAIT, r->args[4],
				 r->args[5]);
	case SYS_sendmsg:
		if (!r->args[1])
			return -EFAULT;
		message = *(const struct msghdr *)r->args[1];
		if (r->done > 0) {
			message.msg_control = NULL; /* went with the first byte */
			message.msg_controllen = 0;
			message.msg_iovlen = (size_t)vector_rest(message.msg_iov,
								 message.msg_iovlen, r->done, rest);
			message.msg_iov = rest;
		}
		message.msg_name = (void *)ports_meant(message.msg_name, message.msg_namelen, &to);
		return sys_call3(r->nr, r->fd, (long)&message, r->args[2] | MSG_DONTWAIT);
	case SYS_sendmmsg:
		return ports_send(r->fd, (struct mmsghdr *)r->args[1], (unsigned)r->args[2],
				  r->args[3] | MSG_DONTWAIT);
	default:
		return raw_nonblocking(r);
	}
}

/* Bytes that a blocking call would move before it returns; 0: one success is the end. */
static uint64_t bytes_wanted(const struct fd_request *r)
{
	const struct msghdr *message;

	switch (r->nr) {
	case SYS_write:
	case SYS_sendto:
		return (uint64_t)r->args[2];
	case SYS_writev:
		return vector_size((const struct iovec *)r->args[1], (size_t)r->args[2]);
	case SYS_sendmsg:
		message = (const struct msghdr *)r->args[1];
		if (!message)
			return 0;
		return vector_size(message->msg_iov, message->msg_iovlen);
	default:
		return 0;
	}
}

static long attempt_write(struct fd_request *r)
{
	const long flags = message_flags(r);
	uint64_t wanted;

	if (!fd_may_wait(r->fd)) {
		fd_moved(r->fd);
		return request_raw(r);
	}
	wanted = bytes_wanted(r);
	for (;;) {
		const long result = write_once(r);

		r->serial = call_serial;
		if (result == -EAGAIN)
			return would_block(r, flags, SO_SNDTIMEO);
		if (fd_class_of(r->fd) == FD_DATAGRAM)
			datagram_sent(r, result);
		if (result < 0)
			return r->done > 0 && result != -EPIPE ? (long)r->done : result;
		r->progress = true;
		r->done += (uint64_t)result;
		if (result == 0 || r->done >= wanted)
			return wanted ? (long)r->done : result;
		if ((flags & MSG_DONTWAIT) || call_is_nonblocking(r->fd))
			return (long)r->done;
	}
}

long call_write(struct call *c)
{
	const int fd = (int)c->args[0];
	struct fd_request r = call_request(c, fd, attempt_write);
	struct sockaddr_storage to;
	long result;

	if (fd_is_engine(fd))
		return -EBADF;
	/* These are eventfds in truth, which take what is written. */
	if (fd_class_of(fd) == FD_SIGNAL || fd_class_of(fd) == FD_TIMER)
		return -EINVAL;
	r.ready = ready_to_write;
	r.sources = source_write;
	if (fd_class_of(fd) == FD_DATAGRAM && datagram_waits_for_reader(&r)) {
		r.ready = ready_by_serial;
		r.sources = NULL;
	}
	if (nasty_refuses() && call_is_nonblocking(fd))
		return -EAGAIN;
	if (fd_class_of(fd) == FD_DATAGRAM && datagram_await_server(c) < 0)
		return -EINTR;
	if (c->nr == SYS_sendto)
		r.args[4] = (long)ports_meant((const void *)r.args[4], (int)r.args[5], &to);
	if (c->nr == SYS_write || c->nr == SYS_sendto)
		r.args[2] = (long)nasty_size(&r, (uint64_t)r.args[2]);
	result = call_wait(c, OP_FD_WRITE, &r, OP_NO_DEADLINE, CALL_RESTARTS);
	if (result == -EPIPE && !(message_flags(&r) & MSG_NOSIGNAL))
		signal_raise(SIGPIPE);
	return result;
}

static long attempt_accept(struct fd_request *r)
{
	if (r->fd >= 0 && !call_is_nonblocking(r->fd) && !call_poll_now(r->fd, POLLIN))
		return would_block(r, 0, SO_RCVTIMEO);
	return request_raw(r);
}

long call_accept(struct call *c)
{
	struct fd_request r = call_request(c, (int)c->args[0], attempt_accept);
	long result;

	if (fd_is_engine(r.fd))
		return -EBADF;
	result = engine_aside() ? call_raw(c)
				: call_wait(c, OP_FD_ACCEPT, &r, OP_NO_DEADLINE, CALL_RESTARTS);
	if (result >= 0)
		fd_made((int)result, peers_are_inside((int)result) ? FD_INSIDE : FD_OUTSIDE, 0);
	if (result >= 0)
		ports_show((int)result, (void *)c->args[1]);
	return result;
}

/* serial: 0 not begun, 1 the kernel is connecting, 2 nobody listens there yet. */
static long attempt_connect(struct fd_request *r)
{
	unsigned size = sizeof(int);
	int error = 0;
	bool unbound;
	long result;

	if (r->serial != 1) {
		const bool waits = !call_is_nonblocking(r->fd);

		if (fd_class_of(r->fd) != FD_DATAGRAM &&
		    peers_are_awaited((const void *)r->args[1], r->args[2])) {
			r->serial = 2;
			/* Whoever listens is one of us. */
			if (fd_at(r->fd))
				fd_at(r->fd)->class = FD_INSIDE;
			return FD_WOULD_BLOCK;
		}
		unbound = fd_class_of(r->fd) != FD_DATAGRAM && peers_own_key(r->fd) == 0;
		result = waits ? raw_nonblocking(r) : request_raw(r);
		if ((result == 0 || result == -EINPROGRESS) && fd_class_of(r->fd) != FD_DATAGRAM) {
			peers_addressed(r->fd);
			if (unbound)
				ports_chosen(r->fd);
		}
		if (!waits)
			return result;
		if (result == -EAGAIN) {
			r->ready = NULL;
			r->timed_out = -EAGAIN;
			return FD_WOULD_BLOCK;
		}
		if (result != -EINPROGRESS)
			return result;
		r->serial = 1;
	}
	if (!call_poll_now(r->fd, POLLOUT)) {
		r->timed_out = -EINPROGRESS;
		return FD_WOULD_BLOCK;
	}
	result = sys_call5(SYS_getsockopt, r->fd, SOL_SOCKET, SO_ERROR, (long)&error, (long)&size);
	return result < 0 ? result : -error;
}

static bool ready_to_connect(const struct fd_request *r)
{
	if (r->serial == 2)
		return !peers_are_awaited((const void *)r->args[1], r->args[2]);
	return r->serial == 0 || ready_to_write(r);
}

long call_connect(struct call *c)
{
	struct fd_request r = call_request(c, (int)c->args[0], attempt_connect);
	struct sockaddr_storage to;
	long result;

	if (fd_is_engine(r.fd))
		return -EBADF;
	r.ready = ready_to_connect;
	r.sources = source_write;
	if (fd_class_of(r.fd) == FD_DATAGRAM && datagram_await_server(c) < 0)
		return -EINTR;
	r.args[1] = (long)ports_meant((const void *)r.args[1], (int)r.args[2], &to);
	result = call_wait(c, OP_FD_CONNECT, &r, OP_NO_DEADLINE, CALL_RESTARTS);
	if (fd_class_of(r.fd) == FD_DATAGRAM) {
		if (result == 0)
			datagram_connected(r.fd, (const void *)r.args[1], (int)r.args[2]);
		return result;
	}
	if ((result == 0 || result == -EINPROGRESS) && peers_are_inside(r.fd))
		fd_at(r.fd)->class = FD_INSIDE;
	return result;
}
