/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel reads and writes the program's memory on behalf of a call, and no instrumentation sees
 * it.
 *
 * What a call reads is remembered before it is published: sending hands on all that came before,
 * the reading of the buffer included. What a call wrote is remembered when it is over, behind what
 * it learned from the sender.
 */
#include <sys/socket.h>
#include <sys/uio.h>

#include "engine/access/access.h"
#include "engine/calls/call.h"

static void vectors(const struct iovec *vector, size_t count, size_t bytes, access_flags flags,
		    uintptr_t pc)
{
	for (size_t i = 0; i < count && bytes > 0; i++) {
		const size_t piece = vector[i].iov_len < bytes ? vector[i].iov_len : bytes;

		access_range((uintptr_t)vector[i].iov_base, piece, flags, pc);
		bytes -= piece;
	}
}

void access_before_call(const struct call *c)
{
	const uintptr_t pc = (uintptr_t)c->site;
	const struct msghdr *message;

	if (c->context)
		return;
	switch (c->nr) {
	case SYS_write:
	case SYS_pwrite64:
	case SYS_sendto:
		access_range((uintptr_t)c->args[1], (size_t)c->args[2], 0, pc);
		break;
	case SYS_writev:
	case SYS_pwritev:
		vectors((const struct iovec *)c->args[1], (size_t)c->args[2], SIZE_MAX, 0, pc);
		break;
	case SYS_sendmsg:
		message = (const struct msghdr *)c->args[1];
		if (message)
			vectors(message->msg_iov, message->msg_iovlen, SIZE_MAX, 0, pc);
		break;
	default:
		break;
	}
}

void access_after_call(const struct call *c, long result)
{
	const uintptr_t pc = (uintptr_t)c->site;
	const struct msghdr *message;

	if (result <= 0 || c->context)
		return;
	switch (c->nr) {
	case SYS_read:
	case SYS_pread64:
	case SYS_recvfrom:
		access_range((uintptr_t)c->args[1], (size_t)result, RACE_WRITE, pc);
		break;
	case SYS_readv:
	case SYS_preadv:
		vectors((const struct iovec *)c->args[1], (size_t)c->args[2], (size_t)result,
			RACE_WRITE, pc);
		break;
	case SYS_recvmsg:
		message = (const struct msghdr *)c->args[1];
		vectors(message->msg_iov, message->msg_iovlen, (size_t)result, RACE_WRITE, pc);
		break;
	default:
		break;
	}
}
